// Which checkpoints the coordinator has, which trials wait for one that is on its way, and what
// must go to keep the quota. Pure bookkeeping: files and rows are others' business.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/ids.h"
#include "shared/domain/records.h"

namespace firesweep {

// Not thread-safe; deterministic.
class CheckpointIndex {
 public:
  // In the order in which they go.
  enum class EvictionRank {
    kEnded,    // nobody will resume it
    kWaiting,  // the next attempt would go on from it
    kBest,     // of the best trial of its sweep
    kLive      // of a trial that is held: never evicted
  };

  explicit CheckpointIndex(std::int64_t max_bytes) : max_bytes_(max_bytes) {}

  // The trial's checkpoint, or null.
  const StoredCheckpoint* find(TrialId trial) const;
  // True where `fresh` is at least as far as what is here, and later.
  bool newer(TrialId trial, const StoredCheckpoint& fresh) const;
  // Returns what it takes the place of. A trial that waited for it waits no longer.
  std::optional<StoredCheckpoint> put(TrialId trial, StoredCheckpoint checkpoint);
  void remove(TrialId trial);

  // Nobody is to have the trial until checkpoint `number` of the attempt is here, or until the
  // time.
  void await(TrialId trial, AttemptNo attempt, std::int64_t number, Duration until);
  bool awaits(TrialId trial, Duration now) const;
  bool awaits_any(Duration now) const;
  // The coordinator was suspended: nothing could arrive meanwhile.
  void extend(Duration gap) {
    for (auto& [trial, awaited] : awaited_) awaited.until += gap;
  }
  void forget(TrialId trial) { awaited_.erase(trial); }

  // What must go until the rest is within the quota: least worth first, then the least far, then
  // the lowest id. May leave more than the quota where the rest is of live trials.
  std::vector<TrialId> surplus(const std::function<EvictionRank(TrialId)>& worth) const;
  // The same among one sweep's checkpoints, by a quota of its own.
  std::vector<TrialId> surplus_of(SweepId sweep, std::int64_t max_bytes,
                                  const std::function<EvictionRank(TrialId)>& worth) const;

  std::int64_t bytes() const { return bytes_; }

 private:
  using Kept = std::map<TrialId, StoredCheckpoint>;
  struct Awaited {
    AttemptNo attempt;
    std::int64_t number = 0;
    Duration until{0};
  };
  static std::vector<TrialId> surplus_among(Kept::const_iterator begin, Kept::const_iterator end,
                                            std::int64_t bytes, std::int64_t max_bytes,
                                            const std::function<EvictionRank(TrialId)>& worth);

  std::int64_t max_bytes_;
  std::int64_t bytes_ = 0;
  Kept kept_;
  std::map<TrialId, Awaited> awaited_;
};

}  // namespace firesweep
