// The sweep's state machine (PROMISES §2, second table).
#pragma once

#include <string_view>

#include "shared/base/error.h"

namespace firesweep {

enum class SweepState { kRunning, kPaused, kStopping, kStopped, kCancelled, kFinished, kFailed };
std::string_view to_string(SweepState state);  // "RUNNING", …

enum class SweepEvent {
  kPause,
  kResume,
  kStop,
  kCancel,
  kRetry,
  kExtend,
  kNoTrialLeft,         // nothing waits or runs
  kDrained,             // STOPPING and nothing runs any more
  kTooManyFailures,     // more than max_failed_trials
  kDrainedAfterFailure  // STOPPING because of failures, and nothing runs any more
};
std::string_view to_string(SweepEvent event);

// Returns the next state, or an error that names both (shown to the user who asked). Pure.
Result<SweepState> transition(SweepState state, SweepEvent event);

// RUNNING, PAUSED, STOPPING.
bool is_unfinished(SweepState state);

}  // namespace firesweep
