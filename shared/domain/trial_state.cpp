#include "shared/domain/trial_state.h"

#include <string>

#include "shared/base/overloaded.h"

namespace firesweep {
namespace {

Result<TrialState> illegal(const TrialState& state, const TrialEvent& event,
                           const std::string& detail) {
  std::string what = "a trial in state " + std::string(name_of(state)) + " cannot take the event " +
                     std::string(name_of(event));
  if (!detail.empty()) what += " (" + detail + ")";
  return fail(ErrorCode::kConflict, "", std::move(what));
}

bool is_stop_reason(Reason reason) {
  return reason == Reason::kDrain || reason == Reason::kEarlyStop || reason == Reason::kTimeout ||
         reason == Reason::kUser;
}

bool is_error_reason(Reason reason) {
  return reason == Reason::kOom || reason == Reason::kError || reason == Reason::kNan ||
         reason == Reason::kBadConfig;
}

// A repeat would do the same.
bool is_final(Reason reason) { return reason == Reason::kNan || reason == Reason::kBadConfig; }

int severity(Reason stop) {
  switch (stop) {
    case Reason::kDrain:
      return 0;
    case Reason::kEarlyStop:
      return 1;
    case Reason::kTimeout:
      return 2;
    default:
      return 3;
  }
}

// Where a stopping trial goes when its attempt ends without a result.
TrialState end_of(const Stopping& stopping) {
  switch (stopping.reason) {
    case Reason::kDrain:
      return Waiting{stopping.attempt};
    case Reason::kEarlyStop:
      return Pruned{stopping.attempt};
    case Reason::kTimeout:
      return Failed{stopping.attempt, Reason::kTimeout};
    default:
      return Cancelled{stopping.attempt};
  }
}

// One event applied to one state: the rows of PROMISES §2 for that event.
class Step {
 public:
  Step(const TrialState& state, const TrialEvent& event) : state_(state), event_(event) {}

  Result<TrialState> operator()(const trial_event::AssignedTo& event) const {
    const auto* waiting = std::get_if<Waiting>(&state_);
    if (waiting == nullptr) return illegal(state_, event_, "");
    const std::int64_t next = waiting->newest.value + 1;
    if (event.attempt.value != next) {
      return illegal(
          state_, event_,
          "attempt " + std::to_string(event.attempt.value) + ", expected " + std::to_string(next));
    }
    return Assigned{event.attempt};
  }

  Result<TrialState> operator()(const trial_event::Started&) const { return seen_running(); }
  Result<TrialState> operator()(const trial_event::Progressed&) const { return seen_running(); }

  Result<TrialState> operator()(const trial_event::Unstarted&) const {
    if (const auto* assigned = std::get_if<Assigned>(&state_)) return Waiting{assigned->attempt};
    return end_if_stopping();
  }

  Result<TrialState> operator()(const trial_event::HandedBack&) const {
    if (is_leased()) return Waiting{live_attempt(state_)};
    return end_if_stopping();
  }

  Result<TrialState> operator()(const trial_event::AttemptLost& event) const {
    if (is_leased()) return again_or_fail(event.may_restart, Reason::kLost);
    return end_if_stopping();
  }

  Result<TrialState> operator()(const trial_event::Errored& event) const {
    if (!is_error_reason(event.reason)) {
      return illegal(state_, event_, "reason " + std::string(to_string(event.reason)));
    }
    if (is_leased()) {
      return again_or_fail(event.may_restart && !is_final(event.reason), event.reason);
    }
    return end_if_stopping();
  }

  Result<TrialState> operator()(const trial_event::StopRequested& event) const {
    if (!is_stop_reason(event.reason)) {
      return illegal(state_, event_, "reason " + std::string(to_string(event.reason)));
    }
    if (is_leased()) return Stopping{live_attempt(state_), event.reason};
    const auto* stopping = std::get_if<Stopping>(&state_);
    if (stopping == nullptr) return illegal(state_, event_, "");
    if (severity(event.reason) <= severity(stopping->reason)) return *stopping;
    return Stopping{stopping->attempt, event.reason};
  }

  Result<TrialState> operator()(const trial_event::Finished& event) const {
    const AttemptNo newest = newest_attempt(state_);
    if (event.attempt.value < 1 || event.attempt > newest) {
      return illegal(state_, event_,
                     "attempt " + std::to_string(event.attempt.value) + ", newest is " +
                         std::to_string(newest.value));
    }
    if (event.attempt < newest) return state_;
    const Complete complete{event.attempt};
    return std::visit(Overloaded{[&](const Waiting&) -> TrialState { return complete; },
                                 [&](const Assigned&) -> TrialState { return complete; },
                                 [&](const Running&) -> TrialState { return complete; },
                                 [&](const Stopping& stopping) -> TrialState {
                                   if (stopping.reason == Reason::kUser) return end_of(stopping);
                                   return complete;
                                 },
                                 [&](const Failed& failed) -> TrialState {
                                   if (failed.reason == Reason::kLost) return complete;
                                   return failed;
                                 },
                                 [](const auto& settled) -> TrialState { return settled; }},
                      state_);
  }

  Result<TrialState> operator()(const trial_event::CancelledByUser&) const {
    if (const auto* waiting = std::get_if<Waiting>(&state_)) return Cancelled{waiting->newest};
    return illegal(state_, event_, "");
  }

  Result<TrialState> operator()(const trial_event::RacedOut&) const {
    const auto* waiting = std::get_if<Waiting>(&state_);
    if (waiting == nullptr || waiting->newest != AttemptNo{}) return illegal(state_, event_, "");
    return Pruned{};
  }

  Result<TrialState> operator()(const trial_event::Reused&) const {
    const auto* waiting = std::get_if<Waiting>(&state_);
    if (waiting == nullptr || waiting->newest != AttemptNo{}) return illegal(state_, event_, "");
    return Complete{AttemptNo{1}};
  }

  Result<TrialState> operator()(const trial_event::Retried&) const {
    if (std::holds_alternative<Failed>(state_) || std::holds_alternative<Cancelled>(state_)) {
      return Waiting{newest_attempt(state_)};
    }
    return illegal(state_, event_, "");
  }

  // Only what has trained can have come to a rung.
  Result<TrialState> operator()(const trial_event::NotPromoted&) const {
    const auto* waiting = std::get_if<Waiting>(&state_);
    if (waiting == nullptr) return illegal(state_, event_, "");
    if (waiting->newest == AttemptNo{}) return illegal(state_, event_, "it was never assigned");
    return Pruned{waiting->newest};
  }

 private:
  // ASSIGNED or RUNNING: held by a worker that has not been told to stop.
  bool is_leased() const {
    return std::holds_alternative<Assigned>(state_) || std::holds_alternative<Running>(state_);
  }

  Result<TrialState> seen_running() const {
    if (const auto* assigned = std::get_if<Assigned>(&state_)) return Running{assigned->attempt};
    if (std::holds_alternative<Running>(state_) || std::holds_alternative<Stopping>(state_)) {
      return state_;
    }
    return illegal(state_, event_, "");
  }

  Result<TrialState> end_if_stopping() const {
    if (const auto* stopping = std::get_if<Stopping>(&state_)) return end_of(*stopping);
    return illegal(state_, event_, "");
  }

  Result<TrialState> again_or_fail(bool again, Reason reason) const {
    const AttemptNo attempt = live_attempt(state_);
    if (again) return Waiting{attempt};
    return Failed{attempt, reason};
  }

  const TrialState& state_;
  const TrialEvent& event_;
};

}  // namespace

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::kOom:
      return "OOM";
    case Reason::kLost:
      return "LOST";
    case Reason::kTimeout:
      return "TIMEOUT";
    case Reason::kNan:
      return "NAN";
    case Reason::kBadConfig:
      return "BAD_CONFIG";
    case Reason::kError:
      return "ERROR";
    case Reason::kEarlyStop:
      return "EARLY_STOP";
    case Reason::kUser:
      return "USER";
    case Reason::kDrain:
      return "DRAIN";
  }
  return "";
}

std::string_view name_of(const TrialState& state) {
  return std::visit(Overloaded{[](const Waiting&) { return std::string_view("WAITING"); },
                               [](const Assigned&) { return std::string_view("ASSIGNED"); },
                               [](const Running&) { return std::string_view("RUNNING"); },
                               [](const Stopping&) { return std::string_view("STOPPING"); },
                               [](const Complete&) { return std::string_view("COMPLETE"); },
                               [](const Pruned&) { return std::string_view("PRUNED"); },
                               [](const Failed&) { return std::string_view("FAIL"); },
                               [](const Cancelled&) { return std::string_view("CANCELLED"); }},
                    state);
}

AttemptNo newest_attempt(const TrialState& state) {
  return std::visit(
      [](const auto& s) {
        if constexpr (requires { s.newest; }) {
          return s.newest;
        } else {
          return s.attempt;
        }
      },
      state);
}

std::string_view name_of(const TrialEvent& event) {
  namespace e = trial_event;
  return std::visit(
      Overloaded{[](const e::AssignedTo&) { return std::string_view("assigned"); },
                 [](const e::Started&) { return std::string_view("started"); },
                 [](const e::Progressed&) { return std::string_view("progressed"); },
                 [](const e::Unstarted&) { return std::string_view("unstarted"); },
                 [](const e::HandedBack&) { return std::string_view("handed_back"); },
                 [](const e::AttemptLost&) { return std::string_view("attempt_lost"); },
                 [](const e::Errored&) { return std::string_view("errored"); },
                 [](const e::StopRequested&) { return std::string_view("stop_requested"); },
                 [](const e::Finished&) { return std::string_view("finished"); },
                 [](const e::CancelledByUser&) { return std::string_view("cancelled"); },
                 [](const e::RacedOut&) { return std::string_view("raced_out"); },
                 [](const e::Reused&) { return std::string_view("reused"); },
                 [](const e::Retried&) { return std::string_view("retried"); },
                 [](const e::NotPromoted&) { return std::string_view("not_promoted"); }},
      event);
}

Result<TrialState> transition(const TrialState& state, const TrialEvent& event) {
  return std::visit(Step(state, event), event);
}

AttemptNo live_attempt(const TrialState& state) {
  if (const auto* assigned = std::get_if<Assigned>(&state)) return assigned->attempt;
  if (const auto* running = std::get_if<Running>(&state)) return running->attempt;
  if (const auto* stopping = std::get_if<Stopping>(&state)) return stopping->attempt;
  return AttemptNo{};
}

bool is_terminal(const TrialState& state) {
  return std::holds_alternative<Complete>(state) || std::holds_alternative<Pruned>(state) ||
         std::holds_alternative<Failed>(state) || std::holds_alternative<Cancelled>(state);
}

}  // namespace firesweep
