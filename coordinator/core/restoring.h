// How a scheduler goes on from what the store holds: sweeps with their trials, and the leases that
// were live.
#pragma once

#include "coordinator/core/roster.h"
#include "coordinator/core/sweeps.h"
#include "shared/domain/snapshot.h"

namespace firesweep {

// Used once. Not thread-safe.
class Restoring {
 public:
  struct State {
    const SchedulerOptions& options;
    Sweeps& sweeps;
    Roster& roster;
    const Instant& now;
  };
  explicit Restoring(State state) : state_(state) {}

  void restore(SweepSnapshot&& snapshot);

 private:
  // Its points and their results, as they were stored.
  static Result<void> restore_search(SweepSpace& space, const SweepSnapshot& snapshot);
  void restore_space(Sweep& sweep, const SweepSnapshot& snapshot);
  // Its trials' states and scores, and who was raced out.
  static void restore_race(Sweep& sweep, const SweepSnapshot& snapshot);
  // The worker is held a place for one lease, to claim what it was given before the restart.
  void restore_lease(Sweep& sweep, std::int64_t number, const TrialSnapshot& snapshot);
  Duration now() const { return state_.now.steady; }

  State state_;
};

}  // namespace firesweep
