// What people are told when a sweep has come to its end, by `run` and by `wait`.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/error.h"
#include "shared/base/ids.h"

namespace firesweep {

struct SweepEnding {
  SweepId sweep;
  std::string state;  // "FINISHED", …
  std::int64_t trials = 0;
  std::int64_t complete = 0;
  std::int64_t failed = 0;
  std::optional<std::int64_t> max_failed_trials;  // where it is known
};

// kSweepFailed where the sweep FAILED, or FINISHED without one trial that succeeded; kDone where it
// FINISHED; kFailedWhileRunning for every other state. Pure.
int exit_code_of(const SweepEnding& ending);

// Answers the report "failures" as JSON.
using AskFailures = std::function<Result<std::string>()>;

// Names what failed, by reason, and the command that runs it again; nothing where nothing failed.
// `where` are the words that lead a command to the sweep ("--db a.db").
void print_failures(std::ostream& out, const SweepEnding& ending, const AskFailures& ask,
                    const std::vector<std::string>& where);

}  // namespace firesweep
