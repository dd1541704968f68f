// What clients ask of sweeps and trials that are there: pause, resume, stop, cancel, retry; and of
// workers: release. None of it costs more with more waiting trials.
#include <algorithm>
#include <cassert>
#include <utility>

#include "coordinator/core/client_replies.h"
#include "coordinator/core/scheduler_core.h"

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

void SchedulerCore::handle(const event::SteerRequested& event) {
  const auto done = steer(event.request);
  replies_.push_back(done ? answer(event.peer, *done) : refusal(event.peer, done.error()));
}

Result<Sweep*> SchedulerCore::known_sweep(SweepId id) {
  const auto found = sweeps_.find(id);
  if (found != sweeps_.end()) return &found->second;
  std::string known = sweeps_.empty() ? "there is none yet" : "known sweeps:";
  for (const auto& [other, sweep] : sweeps_) {
    known += (other == sweeps_.begin()->first ? " " : ", ") + std::to_string(other.value);
  }
  return fail(ErrorCode::kNotFound, sweep_name(id), "no such sweep", std::move(known));
}

Result<JsonObject> SchedulerCore::steer(const request::Steer& request) {
  const auto sweep = known_sweep(request.sweep);
  if (!sweep) return tl::unexpected(sweep.error());
  const bool goes_on = request.verb == Verb::kResume || request.verb == Verb::kRetry;
  if (goes_on && !(*sweep)->space) return tl::unexpected(broken_error(**sweep));
  return request.trial ? steer_trial(**sweep, *request.trial, request.verb)
                       : steer_sweep(**sweep, request.verb);
}

Result<JsonObject> SchedulerCore::steer_sweep(Sweep& sweep, Verb verb) {
  const bool as_it_is = verb == Verb::kRetry && is_under_way(sweep.state);
  if (!as_it_is && !transition(sweep.state, event_of(verb)))
    return refuse_event(sweep, event_of(verb));
  std::int64_t retried = 0;
  switch (verb) {
    case Verb::kPause:
      pause(sweep);
      break;
    case Verb::kResume:
      if (sweep.state == SweepState::kFinished) {
        return fail(ErrorCode::kConflict, sweep_name(sweep.id),
                    "it is FINISHED: nothing is left to run",
                    "`retry --failed` runs failed trials again, `extend` adds new ones");
      }
      wake(sweep, SweepEvent::kResume);
      break;
    case Verb::kStop:
      move_sweep(sweep, SweepEvent::kStop);
      stop_live(sweep, Reason::kDrain);
      settle(sweep);
      break;
    case Verb::kCancel:
      // Waiting trials need no row of their own: the sweep's state says that they are cancelled.
      move_sweep(sweep, SweepEvent::kCancel);
      stop_live(sweep, Reason::kUser);
      break;
    case Verb::kRetry:
      retried = retry_failed(sweep);
      if (retried == 0) {
        return fail(ErrorCode::kConflict, sweep_name(sweep.id), "it has no failed trial", "");
      }
      if (!as_it_is) wake(sweep, SweepEvent::kRetry);
      break;
  }
  const TrialCounts counts = sweep.trials.counts();
  const bool cancelled = sweep.state == SweepState::kCancelled;
  return JsonObject()
      .number("sweep", sweep.id.value)
      .text("state", to_string(sweep.state))
      .number("waiting", cancelled ? 0 : counts.waiting)
      .number("cancelled", counts.cancelled + (cancelled ? counts.waiting : 0))
      .number("live", static_cast<std::int64_t>(sweep.trials.live().size()))
      .number("complete", counts.complete)
      .number("retried", retried);
}

// Running trials go on; what was given out in advance comes back.
void SchedulerCore::pause(Sweep& sweep) {
  move_sweep(sweep, SweepEvent::kPause);
  for (const std::int64_t number : sweep.trials.live()) {
    Worker* holder = nullptr;
    Lease* lease = lease_of({&sweep, number, sweep.trials.find(number)}, &holder);
    remind(*holder, *lease);
  }
}

void SchedulerCore::stop_live(Sweep& sweep, Reason reason) {
  const std::set<std::int64_t> live = sweep.trials.live();
  for (const std::int64_t number : live) {
    request_stop({&sweep, number, sweep.trials.find(number)}, reason);
  }
}

// A sweep that had ended, or paused, runs again.
void SchedulerCore::wake(Sweep& sweep, SweepEvent event) {
  move_sweep(sweep, event);
  sweep.prepare();
  sweep.asleep = false;
}

std::int64_t SchedulerCore::retry_failed(Sweep& sweep) {
  const std::set<std::int64_t> failed = sweep.trials.failed();
  for (const std::int64_t number : failed) retry({&sweep, number, sweep.trials.find(number)});
  return static_cast<std::int64_t>(failed.size());
}

// With all its restarts, and from the checkpoint that is there.
void SchedulerCore::retry(const Place& place) {
  place.trial->restarts = 0;
  place.trial->had_oom = false;
  place.trial->avoid_worker = false;
  place.sweep->work_done -= place.sweep->work_of_trial(place.number);
  apply(place, trial_event::Retried{});
}

Result<void> SchedulerCore::check_trial(const Sweep& sweep, TrialId id) const {
  const std::int64_t number = number_of(id);
  if (sweep_of(id) == sweep.id &&
      (sweep.trials.find(number) != nullptr || (sweep.space && sweep.space->config(number)))) {
    return {};
  }
  std::string hint =
      sweep_name(sweep.id) + " has " + std::to_string(sweep.trials.total()) + " trials";
  if (sweep.space) {
    hint += ", with numbers from 0 to " + std::to_string(sweep.space->raw() - 1);
  }
  return fail(ErrorCode::kNotFound, "trial " + to_string(id), "no such trial", std::move(hint));
}

Result<JsonObject> SchedulerCore::steer_trial(Sweep& sweep, TrialId id, Verb verb) {
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
      return refuse_event(sweep, SweepEvent::kRetry);
    retry({&sweep, number, sweep.trials.find(number)});
    if (!as_it_is) wake(sweep, SweepEvent::kRetry);
  } else if (waiting) {
    sweep.trials.touch(number);
    apply({&sweep, number, sweep.trials.find(number)}, trial_event::CancelledByUser{});
  } else {
    request_stop({&sweep, number, sweep.trials.find(number)}, Reason::kUser);
  }
  return JsonObject()
      .number("sweep", sweep.id.value)
      .text("trial", to_string(id))
      .text("state", name_of(sweep.trials.find(number)->state));
}

void SchedulerCore::handle(const event::ReleaseRequested& event) {
  const std::vector<std::string> quarantined = roster_.all_quarantined(now());
  const std::string& name = event.request.worker;
  if (std::find(quarantined.begin(), quarantined.end(), name) == quarantined.end()) {
    std::string hint = quarantined.empty() ? "no worker is" : "these are:";
    for (const std::string& one : quarantined) hint += " " + one;
    replies_.push_back(refusal(event.peer, {ErrorCode::kNotFound, "worker " + name,
                                            "it is not quarantined", std::move(hint)}));
    return;
  }
  roster_.release(name);
  replies_.push_back(answer(event.peer, JsonObject().text("worker", name)));
}

}  // namespace firesweep
