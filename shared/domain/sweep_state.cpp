#include "shared/domain/sweep_state.h"

#include <optional>
#include <string>

namespace firesweep {
namespace {

std::optional<SweepState> next(SweepState state, SweepEvent event) {
  const bool active = state == SweepState::kRunning || state == SweepState::kPaused;
  const bool ended = state == SweepState::kStopped || state == SweepState::kFinished ||
                     state == SweepState::kFailed;
  switch (event) {
    case SweepEvent::kPause:
      if (state == SweepState::kRunning) return SweepState::kPaused;
      break;
    case SweepEvent::kResume:
      if (state == SweepState::kPaused || ended) return SweepState::kRunning;
      break;
    case SweepEvent::kStop:
      if (active) return SweepState::kStopping;
      break;
    case SweepEvent::kCancel:
      if (is_unfinished(state)) return SweepState::kCancelled;
      break;
    case SweepEvent::kRetry:
    case SweepEvent::kExtend:
      if (ended) return SweepState::kRunning;
      break;
    case SweepEvent::kNoTrialLeft:
      if (state == SweepState::kRunning) return SweepState::kFinished;
      break;
    case SweepEvent::kDrained:
      if (state == SweepState::kStopping) return SweepState::kStopped;
      break;
    case SweepEvent::kTooManyFailures:
      if (state == SweepState::kRunning) return SweepState::kStopping;
      break;
    case SweepEvent::kDrainedAfterFailure:
      if (state == SweepState::kStopping) return SweepState::kFailed;
      break;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(SweepState state) {
  switch (state) {
    case SweepState::kRunning:
      return "RUNNING";
    case SweepState::kPaused:
      return "PAUSED";
    case SweepState::kStopping:
      return "STOPPING";
    case SweepState::kStopped:
      return "STOPPED";
    case SweepState::kCancelled:
      return "CANCELLED";
    case SweepState::kFinished:
      return "FINISHED";
    case SweepState::kFailed:
      return "FAILED";
  }
  return "";
}

std::string_view to_string(SweepEvent event) {
  switch (event) {
    case SweepEvent::kPause:
      return "pause";
    case SweepEvent::kResume:
      return "resume";
    case SweepEvent::kStop:
      return "stop";
    case SweepEvent::kCancel:
      return "cancel";
    case SweepEvent::kRetry:
      return "retry";
    case SweepEvent::kExtend:
      return "extend";
    case SweepEvent::kNoTrialLeft:
      return "no_trial_left";
    case SweepEvent::kDrained:
      return "drained";
    case SweepEvent::kTooManyFailures:
      return "too_many_failures";
    case SweepEvent::kDrainedAfterFailure:
      return "drained_after_failure";
  }
  return "";
}

Result<SweepState> transition(SweepState state, SweepEvent event) {
  if (const auto to = next(state, event)) return *to;
  return fail(ErrorCode::kConflict, "",
              "a sweep in state " + std::string(to_string(state)) + " cannot take \"" +
                  std::string(to_string(event)) + "\"");
}

bool is_unfinished(SweepState state) {
  return state == SweepState::kRunning || state == SweepState::kPaused ||
         state == SweepState::kStopping;
}

}  // namespace firesweep
