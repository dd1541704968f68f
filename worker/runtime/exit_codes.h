// The exit codes of firesweep-worker's processes.
#pragma once

#include "worker/agent/agent.h"

namespace firesweep {

// Left in good order: asked by a signal, --idle-exit, --max-trials, --until or a notice, or since
// the coordinator stopped.
inline constexpr int kWorkerDone = 0;
inline constexpr int kWorkerFailed =
    1;  // left, but something was not delivered or not ended in time
inline constexpr int kWorkerUsage =
    2;  // nothing began: wrong options, or refused by the coordinator
inline constexpr int kWorkerInterrupted = 130;

// A slot's process ends with these or with an AgentExit. After any other code the supervisor starts
// it again.
inline constexpr int kSlotBroke = 70;       // an exception nobody expected (EX_SOFTWARE)
inline constexpr int kSlotCannotRun = 127;  // exec failed, or a shared library is missing

static_assert(static_cast<int>(AgentExit::kLeft) == kWorkerDone);
static_assert(static_cast<int>(AgentExit::kUndelivered) == kWorkerFailed);
static_assert(static_cast<int>(AgentExit::kRefused) == kWorkerUsage);

}  // namespace firesweep
