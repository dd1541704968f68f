// The sweeps the coordinator holds, by id, and how a sweep's state changes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "coordinator/core/changes.h"
#include "coordinator/core/sweep.h"

namespace firesweep {

// A trial and where it belongs. Valid for ever: no sweep goes.
struct TrialRef {
  Sweep* sweep = nullptr;
  std::int64_t number = 0;
  Trial* trial = nullptr;  // null where it was never touched, or does not exist

  TrialId id() const { return make_trial_id(sweep->id, number); }
  // To train; where this build cannot generate the trial: any number.
  std::int64_t epochs() const;
};

// "sweep 3".
std::string sweep_name(SweepId sweep);
// A sweep that is asked for what its state does not allow.
Error state_refuses(const Sweep& sweep, SweepEvent event);
// One that this build cannot go on with.
Error broken_error(const Sweep& sweep);

// A retry or an extension of such a sweep leaves its state as it is.
inline bool is_under_way(SweepState state) {
  return state == SweepState::kRunning || state == SweepState::kPaused;
}

// Not thread-safe.
class Sweeps {
 public:
  Sweeps(Changes& changes, const Instant& now) : changes_(changes), now_(now) {}

  const std::map<SweepId, Sweep>& all() const { return sweeps_; }
  // RUNNING, and not broken. By id.
  const std::set<SweepId>& running() const { return running_; }
  Sweep& at(SweepId id) { return sweeps_.at(id); }
  const Sweep& at(SweepId id) const { return sweeps_.at(id); }
  TrialRef find(TrialId trial);
  // A sweep that a client names; the error tells which there are.
  Result<Sweep*> known(SweepId id);

  // A new one, by the next id or the one the store has for it.
  Sweep& add(std::optional<SweepId> id = {});
  // The file is part of the sweep.
  void note_file(const std::string& hash, SweepId sweep) { by_hash_[hash] = sweep; }
  // The sweep that holds the same file, by whichever rules it was submitted.
  std::optional<SweepId> find_equal(const FrozenSweep& frozen) const;

  // By the table of sweep states, which must allow it; persisted.
  void move(Sweep& sweep, SweepEvent event);
  // One that had ended, or paused, runs again.
  void wake(Sweep& sweep, SweepEvent event);
  // Ends it where nothing is left to do.
  void settle(Sweep& sweep);
  // Its state was read from the store.
  void note_state(const Sweep& sweep);

 private:
  Changes& changes_;
  const Instant& now_;
  std::map<SweepId, Sweep> sweeps_;
  std::set<SweepId> running_;
  std::map<std::string, SweepId> by_hash_;
};

}  // namespace firesweep
