// What clients ask of sweeps and trials that are there: pause, resume, stop, cancel, retry; and of
// workers: release. None of it costs more with more waiting trials.
#pragma once

#include <cstdint>

#include "coordinator/core/quarantine.h"
#include "coordinator/core/stops.h"
#include "coordinator/core/trial_states.h"

namespace firesweep {

// Not thread-safe. An error changes nothing.
class Steering {
 public:
  struct State {
    Sweeps& sweeps;
    Quarantine& quarantine;
    TrialStates& trial_states;
    Stops& stops;
    const Instant& now;
  };
  explicit Steering(State state) : state_(state) {}

  ClientReply steer(const request::Steer& request);
  ClientReply release(const request::Release& request);

 private:
  ClientReply steer_sweep(Sweep& sweep, request::Verb verb);
  ClientReply steer_trial(Sweep& sweep, TrialId id, request::Verb verb);
  Result<void> check_trial(const Sweep& sweep, TrialId id) const;
  std::int64_t retry_failed(Sweep& sweep);
  void retry(const TrialRef& ref);

  State state_;
};

}  // namespace firesweep
