// How a trial that a worker holds is stopped: asked of the worker, and asked again until the worker
// answers, since frames get lost.
#pragma once

#include <utility>

#include "coordinator/core/roster.h"
#include "coordinator/core/trial_states.h"

namespace firesweep {

// Not thread-safe. None of these ends a lease: only its worker's report does, or its silence.
class Stops {
 public:
  struct State {
    Sweeps& sweeps;
    Roster& roster;
    TrialStates& trial_states;
    Changes& changes;
    const bool& draining;
    const Instant& now;
  };
  explicit Stops(State state) : state_(state) {}

  // Of a live trial. One that has not begun is recalled where it is wanted later (kDrain), and
  // stopped where it is not.
  void request(const TrialRef& ref, Reason reason);
  // Of every live trial of the sweep.
  void request_all(Sweep& sweep, Reason reason);
  // Sends the command that a lease's state calls for, if any; also a repeated one.
  void remind(Worker& worker, Lease& lease);
  void remind_all(Sweep& sweep);

 private:
  std::pair<Worker*, Lease*> lease_of(const TrialRef& ref);

  State state_;
};

}  // namespace firesweep
