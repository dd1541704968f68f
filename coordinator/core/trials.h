// The trials of one sweep that were ever touched, with their counts. A trial that is not here is
// WAITING and costs no memory. Owns the only call of `transition`; refuses what the state table
// refuses.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <variant>

#include "coordinator/core/overview.h"
#include "shared/base/error.h"
#include "shared/base/ids.h"
#include "shared/domain/trial_state.h"

namespace firesweep {

struct Trial {
  TrialState state;                   // changed by Trials::apply alone
  std::int64_t restarts = 0;          // used so far
  std::int64_t checkpoint_epoch = 0;  // newest epoch any attempt is known to have reached
  double train_seconds = 0;           // over all attempts
  double work = 0;                    // analytic, see work.h; 0 until first leased
  bool reused = false;                // its result is a copy of another trial's
  bool had_oom = false;
  bool avoid_worker = false;  // `worker` lost or failed it: a retry prefers another

  // Of the newest attempt.
  SessionId session;
  std::string worker;
  bool started = false;
  std::int64_t epoch_at_lease = 0;  // checkpoint_epoch when it was opened
};

// Not thread-safe. References to a Trial stay valid for the life of the object.
class Trials {
 public:
  explicit Trials(std::int64_t total) : total_(total) {}

  // The trial of that number, or null where it was never touched.
  const Trial* find(std::int64_t number) const;
  Trial* find(std::int64_t number);
  // The same, made WAITING where it was never touched.
  Trial& touch(std::int64_t number);
  // Takes over a trial as the store holds it.
  Trial& restore(std::int64_t number, Trial trial);

  // Moves a touched trial by the state table. On error nothing changes.
  Result<void> apply(std::int64_t number, const TrialEvent& event);

  TrialCounts counts() const;
  std::int64_t total() const { return total_; }
  // More of them; those there are stay as they are.
  void grow(std::int64_t total) { total_ = total; }
  std::int64_t waiting() const;
  // Numbers of the FAIL ones.
  const std::set<std::int64_t>& failed() const { return failed_; }
  // Numbers held by a worker now: ASSIGNED, RUNNING, STOPPING.
  const std::set<std::int64_t>& live() const { return live_; }
  const std::map<std::int64_t, Trial>& touched() const { return trials_; }

 private:
  template <class State>
  std::int64_t of_kind() const {
    return kinds_[TrialState(State{}).index()];
  }
  void count(std::int64_t number, const TrialState& state, int by);

  std::int64_t total_;
  std::map<std::int64_t, Trial> trials_;
  std::set<std::int64_t> live_;
  std::set<std::int64_t> failed_;
  std::int64_t reused_ = 0;
  std::array<std::int64_t, std::variant_size_v<TrialState>> kinds_{};
};

}  // namespace firesweep
