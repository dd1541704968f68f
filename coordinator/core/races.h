// Which seeds of a point are not started: what a sweep's race decides is persisted in the event
// that ends a round, and the trials end with it.
#pragma once

#include "coordinator/core/scheduler.h"
#include "coordinator/core/trial_states.h"

namespace firesweep {

// Not thread-safe.
class Races {
 public:
  struct State {
    const SchedulerOptions& options;
    TrialStates& trial_states;
    Changes& changes;
    const Instant& now;
  };
  explicit Races(State state) : state_(state) {}

  // After whatever an event did to the sweep, and before anything of it is dispatched.
  void judge(Sweep& sweep);

 private:
  State state_;
};

}  // namespace firesweep
