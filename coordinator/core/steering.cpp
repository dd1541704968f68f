#include "coordinator/core/steering.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <utility>

namespace firesweep {
namespace {

using request::Verb;

SweepEvent event_of(Verb verb) {
  switch (verb) {
    case Verb::kPause:
      return SweepEvent::kPause;
    case Verb::kResume:
      return SweepEvent::kResume;
    case Verb::kStop:
      return SweepEvent::kStop;
    case Verb::kCancel:
      return SweepEvent::kCancel;
    case Verb::kRetry:
      return SweepEvent::kRetry;
  }
  assert(false);
  return SweepEvent::kPause;
}

}  // namespace

ClientReply Steering::steer(const request::Steer& request) {
  const auto sweep = state_.sweeps.known(request.sweep);
  if (!sweep) return tl::unexpected(sweep.error());
  const bool goes_on = request.verb == Verb::kResume || request.verb == Verb::kRetry;
  if (goes_on && !(*sweep)->space) return tl::unexpected(broken_error(**sweep));
  return request.trial ? steer_trial(**sweep, *request.trial, request.verb)
                       : steer_sweep(**sweep, request.verb);
}

ClientReply Steering::steer_sweep(Sweep& sweep, Verb verb) {
  const bool as_it_is = verb == Verb::kRetry && is_under_way(sweep.state);
  if (!as_it_is && !transition(sweep.state, event_of(verb)))
    return tl::unexpected(state_refuses(sweep, event_of(verb)));
  std::int64_t retried = 0;
  switch (verb) {
    case Verb::kPause:
      // Running trials go on; what was given out in advance comes back.
      state_.sweeps.move(sweep, SweepEvent::kPause);
      state_.stops.remind_all(sweep);
      break;
    case Verb::kResume:
      if (sweep.state == SweepState::kFinished) {
        return fail(ErrorCode::kConflict, sweep_name(sweep.id),
                    "it is FINISHED: nothing is left to run",
                    "`retry --failed` runs failed trials again, `extend` adds new ones");
      }
      state_.sweeps.wake(sweep, SweepEvent::kResume);
      break;
    case Verb::kStop:
      state_.sweeps.move(sweep, SweepEvent::kStop);
      state_.stops.request_all(sweep, Reason::kDrain);
      state_.sweeps.settle(sweep);
      break;
    case Verb::kCancel:
      // Waiting trials need no row of their own: the sweep's state says that they are cancelled.
      state_.sweeps.move(sweep, SweepEvent::kCancel);
      state_.stops.request_all(sweep, Reason::kUser);
      break;
    case Verb::kRetry:
      retried = retry_failed(sweep);
      if (retried == 0) {
        return fail(ErrorCode::kConflict, sweep_name(sweep.id), "it has no failed trial", "");
      }
      if (!as_it_is) state_.sweeps.wake(sweep, SweepEvent::kRetry);
      break;
  }
  const TrialCounts counts = sweep.trials.counts();
  const bool cancelled = sweep.state == SweepState::kCancelled;
  reply::SweepSteered steered;
  steered.sweep = sweep.id;
  steered.state = sweep.state;
  steered.waiting = cancelled ? 0 : counts.waiting;
  steered.live = static_cast<std::int64_t>(sweep.trials.live().size());
  steered.complete = counts.complete;
  steered.cancelled = counts.cancelled + (cancelled ? counts.waiting : 0);
  steered.retried = retried;
  return steered;
}

std::int64_t Steering::retry_failed(Sweep& sweep) {
  const std::set<std::int64_t> failed = sweep.trials.failed();
  for (const std::int64_t number : failed) retry({&sweep, number, sweep.trials.find(number)});
  return static_cast<std::int64_t>(failed.size());
}

// With all its restarts, and from the checkpoint that is there.
void Steering::retry(const TrialRef& ref) {
  ref.trial->restarts = 0;
  ref.trial->had_oom = false;
  ref.trial->avoid_worker = false;
  ref.sweep->work_done -= ref.sweep->work_of_trial(ref.number);
  state_.trial_states.apply(ref, trial_event::Retried{});
}

Result<void> Steering::check_trial(const Sweep& sweep, TrialId id) const {
  const std::int64_t number = number_of(id);
  if (sweep_of(id) == sweep.id &&
      (sweep.trials.find(number) != nullptr || (sweep.space && sweep.space->config(number)))) {
    return {};
  }
  if (sweep.space && sweep_of(id) == sweep.id && sweep.space->has(number)) {
    return fail(ErrorCode::kConflict, "trial " + to_string(id), "it is not proposed yet",
                "method " + std::string(to_string(sweep.spec().method)) +
                    " proposes a trial when a worker asks for one; `cancel` takes the whole sweep");
  }
  std::string hint =
      sweep_name(sweep.id) + " has " + std::to_string(sweep.trials.total()) + " trials";
  if (sweep.space) {
    hint += ", with numbers from 0 to " + std::to_string(sweep.space->raw() - 1);
  }
  return fail(ErrorCode::kNotFound, "trial " + to_string(id), "no such trial", std::move(hint));
}

ClientReply Steering::steer_trial(Sweep& sweep, TrialId id, Verb verb) {
  if (const auto exists = check_trial(sweep, id); !exists) return tl::unexpected(exists.error());
  const std::int64_t number = number_of(id);
  const Trial* known = sweep.trials.find(number);
  const TrialState before = known == nullptr ? TrialState(Waiting{}) : known->state;
  const bool waiting = std::holds_alternative<Waiting>(before);
  const bool gone_with_sweep = waiting && sweep.state == SweepState::kCancelled;
  const bool failed = std::holds_alternative<Failed>(before);
  const bool cancelled = std::holds_alternative<Cancelled>(before);
  const bool may = verb == Verb::kRetry ? failed || cancelled : !is_terminal(before);
  if (!may || gone_with_sweep) {
    const std::string name(gone_with_sweep ? "CANCELLED" : name_of(before));
    return fail(ErrorCode::kConflict, "trial " + to_string(id), "it is already " + name,
                verb == Verb::kRetry ? "only a FAIL or CANCELLED one can be retried" : "");
  }
  if (verb == Verb::kRetry) {
    const bool as_it_is = is_under_way(sweep.state);
    if (!as_it_is && !transition(sweep.state, SweepEvent::kRetry))
      return tl::unexpected(state_refuses(sweep, SweepEvent::kRetry));
    retry({&sweep, number, sweep.trials.find(number)});
    if (!as_it_is) state_.sweeps.wake(sweep, SweepEvent::kRetry);
    return reply::TrialSteered{id, reply::TrialSteered::Now::kWaiting};
  }
  if (waiting) {
    sweep.trials.touch(number);
    state_.trial_states.apply({&sweep, number, sweep.trials.find(number)},
                              trial_event::CancelledByUser{});
    return reply::TrialSteered{id, reply::TrialSteered::Now::kCancelled};
  }
  state_.stops.request({&sweep, number, sweep.trials.find(number)}, Reason::kUser);
  return reply::TrialSteered{id, reply::TrialSteered::Now::kStopping};
}

ClientReply Steering::release(const request::Release& request) {
  const std::vector<std::string> quarantined = state_.quarantine.names(state_.now.steady);
  const std::string& name = request.worker;
  if (std::find(quarantined.begin(), quarantined.end(), name) == quarantined.end()) {
    std::string hint = quarantined.empty() ? "no worker is" : "these are:";
    for (const std::string& one : quarantined) hint += " " + one;
    return fail(ErrorCode::kNotFound, "worker " + name, "it is not quarantined", std::move(hint));
  }
  state_.quarantine.release(name);
  return reply::Released{name};
}

}  // namespace firesweep
