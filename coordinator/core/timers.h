// What time ends: leases of the silent and the stalled, trials that take too long, commands that
// were lost, and a coordinator that drains.
#pragma once

#include "coordinator/core/attempts.h"

namespace firesweep {

// Not thread-safe.
class Timers {
 public:
  struct State {
    const SchedulerOptions& options;
    Sweeps& sweeps;
    Roster& roster;
    CheckpointIndex& checkpoints;
    Stops& stops;
    Attempts& attempts;
    Changes& changes;
    const Instant& now;
  };
  explicit Timers(State state) : state_(state) {}

  // So much time has passed since the last event. A pause of the coordinator itself is no silence
  // of others.
  void forgive(Duration gap);
  // Judges silence, stalls and time limits.
  void judge();
  // While the coordinator drains: who has nothing to do may go.
  void quit_idle_workers();

 private:
  void judge_silence();
  // Reports are signs of life, but tell nothing of what has not begun: its assignment may be lost.
  // Until the worker says what it holds its hands are full.
  void judge_unclaimed(Worker& worker);
  void judge_running(Worker& worker);
  bool takes_too_long(const TrialRef& ref, const Lease& lease) const;
  Duration now() const { return state_.now.steady; }

  State state_;
};

}  // namespace firesweep
