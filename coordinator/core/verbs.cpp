// What clients ask: submit, cancel.
#include <algorithm>
#include <cassert>
#include <utility>

#include "coordinator/core/json_text.h"
#include "coordinator/core/scheduler_core.h"

namespace firesweep {
namespace {

effect::ReplyToClient refusal(const PeerId& peer, const Error& error) {
  ClientReply reply;
  reply.where = error.where;
  reply.what = error.what;
  reply.hint = error.hint;
  reply.not_found = error.code == ErrorCode::kNotFound;
  reply.conflict = error.code == ErrorCode::kConflict;
  return {peer, std::move(reply)};
}

effect::ReplyToClient answer(const PeerId& peer, const JsonObject& object) {
  ClientReply reply;
  reply.ok = true;
  reply.text = object.done();
  return {peer, std::move(reply)};
}

effect::ReplyToClient submitted(const PeerId& peer, const Sweep& sweep, bool resumed) {
  return answer(peer, JsonObject()
                          .number("sweep", sweep.id.value)
                          .text("name", sweep.spec().name)
                          .number("trials", sweep.trials.total())
                          .boolean("resumed", resumed)
                          .text("state", to_string(sweep.state))
                          .texts("warnings", sweep.spec().warnings));
}

std::string sweep_name(SweepId sweep) { return "sweep " + std::to_string(sweep.value); }

}  // namespace

void SchedulerCore::handle(const event::SubmitRequested& event) {
  if (draining_) {
    replies_.push_back(
        refusal(event.peer, {ErrorCode::kUnavailable, event.frozen->spec.name,
                             "the coordinator is shutting down", "submit it again later"}));
    return;
  }
  if (const auto equal = by_hash_.find(event.frozen->hash); equal != by_hash_.end()) {
    resume(event.peer, sweeps_.at(equal->second));
    return;
  }
  auto space = TrialSpace::make(event.frozen);
  if (!space) {
    replies_.push_back(refusal(event.peer, space.error()));
    return;
  }
  const SweepId id{sweeps_.empty() ? 1 : sweeps_.rbegin()->first.value + 1};
  Sweep& sweep = sweeps_[id];
  sweep.id = id;
  sweep.frozen = event.frozen;
  sweep.trials = Trials(space->counts().trials);
  sweep.space.emplace(std::move(*space));
  sweep.prepare();
  by_hash_[sweep.frozen->hash] = id;
  running_.insert(id);
  touched_sweeps_.insert(id);
  persist(record::SweepAdded{id, sweep.frozen, sweep.trials.total(), utc()});
  replies_.push_back(submitted(event.peer, sweep, false));
}

// The same content again goes on where it was; a finished sweep has nothing to go on with.
void SchedulerCore::resume(const PeerId& peer, Sweep& sweep) {
  switch (sweep.state) {
    case SweepState::kRunning:
    case SweepState::kFinished:
      break;
    case SweepState::kPaused:
    case SweepState::kStopped:
    case SweepState::kFailed:
      move_sweep(sweep, SweepEvent::kResume);
      sweep.prepare();
      break;
    case SweepState::kStopping:
      replies_.push_back(
          refusal(peer, {ErrorCode::kConflict, sweep.spec().name,
                         sweep_name(sweep.id) + " has the same content and is stopping",
                         "submit it again once it has stopped"}));
      return;
    case SweepState::kCancelled:
      replies_.push_back(
          refusal(peer, {ErrorCode::kConflict, sweep.spec().name,
                         sweep_name(sweep.id) + " has the same content and was cancelled",
                         "give it another name to run it as a new sweep"}));
      return;
  }
  sweep.asleep = false;
  replies_.push_back(submitted(peer, sweep, true));
}

void SchedulerCore::handle(const event::CancelRequested& event) {
  const SweepId id = event.request.sweep;
  const auto found = sweeps_.find(id);
  if (found == sweeps_.end()) {
    std::string known = sweeps_.empty() ? "there is none yet" : "known sweeps:";
    for (const auto& [other, sweep] : sweeps_) {
      known += (other == sweeps_.begin()->first ? " " : ", ") + std::to_string(other.value);
    }
    replies_.push_back(refusal(
        event.peer, {ErrorCode::kNotFound, sweep_name(id), "no such sweep", std::move(known)}));
    return;
  }
  if (event.request.trial) {
    cancel_trial(event.peer, found->second, *event.request.trial);
  } else {
    cancel_sweep(event.peer, found->second);
  }
}

// Waiting trials need no row of their own: the sweep's state says that they are cancelled.
void SchedulerCore::cancel_sweep(const PeerId& peer, Sweep& sweep) {
  if (const auto next = transition(sweep.state, SweepEvent::kCancel); !next) {
    replies_.push_back(refusal(peer, {ErrorCode::kConflict, sweep_name(sweep.id),
                                      "it is already " + std::string(to_string(sweep.state)), ""}));
    return;
  }
  move_sweep(sweep, SweepEvent::kCancel);
  const std::int64_t waiting = sweep.trials.waiting();
  const std::set<std::int64_t> live = sweep.trials.live();
  for (const std::int64_t number : live) {
    request_stop({&sweep, number, sweep.trials.find(number)}, Reason::kUser);
  }
  replies_.push_back(answer(peer, JsonObject()
                                      .number("sweep", sweep.id.value)
                                      .text("state", to_string(sweep.state))
                                      .number("cancelled", waiting)
                                      .number("stopping", static_cast<std::int64_t>(live.size()))
                                      .number("complete", sweep.trials.counts().complete)));
}

void SchedulerCore::cancel_trial(const PeerId& peer, Sweep& sweep, TrialId id) {
  const std::int64_t number = number_of(id);
  const bool exists = sweep_of(id) == sweep.id && (sweep.trials.find(number) != nullptr ||
                                                   (sweep.space && sweep.space->config(number)));
  if (!exists) {
    std::string hint =
        sweep_name(sweep.id) + " has " + std::to_string(sweep.trials.total()) + " trials";
    if (sweep.space) {
      hint += ", with numbers from 0 to " + std::to_string(sweep.space->counts().raw - 1);
    }
    replies_.push_back(refusal(
        peer, {ErrorCode::kNotFound, "trial " + to_string(id), "no such trial", std::move(hint)}));
    return;
  }
  const Trial* known = sweep.trials.find(number);
  const TrialState before = known == nullptr ? TrialState(Waiting{}) : known->state;
  const bool waiting = std::holds_alternative<Waiting>(before);
  const bool gone_with_sweep = waiting && sweep.state == SweepState::kCancelled;
  if (is_terminal(before) || gone_with_sweep) {
    const std::string_view name = gone_with_sweep ? "CANCELLED" : name_of(before);
    replies_.push_back(refusal(peer, {ErrorCode::kConflict, "trial " + to_string(id),
                                      "it is already " + std::string(name), ""}));
    return;
  }
  const Place place{&sweep, number, &sweep.trials.touch(number)};
  if (waiting) {
    apply(place, trial_event::CancelledByUser{});
  } else {
    request_stop(place, Reason::kUser);
  }
  replies_.push_back(answer(peer, JsonObject()
                                      .number("sweep", sweep.id.value)
                                      .text("trial", to_string(id))
                                      .text("state", name_of(place.trial->state))
                                      .number("cancelled", waiting ? 1 : 0)
                                      .number("stopping", waiting ? 0 : 1)));
}

}  // namespace firesweep
