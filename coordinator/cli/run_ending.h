// What `run` and `wait` print when a sweep has ended.
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

// kSweepFailed if the sweep FAILED, or FINISHED without a successful trial; kDone if it FINISHED;
// kFailedWhileRunning for every other state. Pure.
int exit_code_of(const SweepEnding& ending);

// Answers the report "failures" as JSON.
using AskFailures = std::function<Result<std::string>()>;

// Prints the failures by reason, and the command that runs them again; nothing if no trial failed.
// `where` are the words by which a command finds the sweep ("--db a.db").
void print_failures(std::ostream& out, const SweepEnding& ending, const AskFailures& ask,
                    const std::vector<std::string>& where);

}  // namespace firesweep
