#include "coordinator/core/stops.h"

#include <cassert>
#include <cstdint>
#include <set>

namespace firesweep {

std::pair<Worker*, Lease*> Stops::lease_of(const TrialRef& ref) {
  const AttemptNo live = live_attempt(ref.trial->state);
  assert(live != AttemptNo{});
  Worker* const holder = state_.roster.find(ref.trial->session);
  assert(holder != nullptr);
  const auto lease = holder->leases.find({ref.id(), live});
  assert(lease != holder->leases.end());
  return {holder, &lease->second};
}

void Stops::request(const TrialRef& ref, Reason reason) {
  const auto [holder, lease] = lease_of(ref);
  const bool recall =
      reason == Reason::kDrain && std::holds_alternative<Assigned>(ref.trial->state);
  if (!recall) state_.trial_states.apply(ref, trial_event::StopRequested{reason});
  remind(*holder, *lease);
}

void Stops::request_all(Sweep& sweep, Reason reason) {
  const std::set<std::int64_t> live = sweep.trials.live();
  for (const std::int64_t number : live) {
    request({&sweep, number, sweep.trials.find(number)}, reason);
  }
}

void Stops::remind_all(Sweep& sweep) {
  for (const std::int64_t number : sweep.trials.live()) {
    const auto [holder, lease] = lease_of({&sweep, number, sweep.trials.find(number)});
    remind(*holder, *lease);
  }
}

void Stops::remind(Worker& worker, Lease& lease) {
  const TrialRef ref = state_.sweeps.find(lease.key.trial);
  const SweepState sweep = ref.sweep->state;
  const bool closing = state_.draining || sweep == SweepState::kStopping;
  if (closing && std::holds_alternative<Running>(ref.trial->state)) {
    state_.trial_states.apply(ref, trial_event::StopRequested{Reason::kDrain});
  }
  if (const auto* stopping = std::get_if<Stopping>(&ref.trial->state)) {
    state_.changes.tell(worker, Stop{lease.key, stopping->reason});
  } else if (std::holds_alternative<Assigned>(ref.trial->state) &&
             (closing || sweep == SweepState::kPaused)) {
    state_.changes.tell(worker, Recall{lease.key});
  }
  lease.reminded_at = state_.now.steady;
}

}  // namespace firesweep
