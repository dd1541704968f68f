// Trains a sweep on this machine, as `firesweep run` does: its options, and the run itself.
#pragma once

#include <string>
#include <string_view>

#include "coordinator/cli/options.h"
#include "coordinator/cli/plan.h"

namespace firesweep {

// Adds --data-dir, --checkpoint-dir, --threads, --device, --workers, --no-probe, --yes, --quiet,
// --plain, --log-level, --http.
void add_run_options(boost::program_options::options_description& options);

// Prints the plan, refuses a long or large one without --yes, and runs it in `database` to its end.
// Returns the exit code; reports errors as errors of `verb` about `what` (a sweep file, a trial).
int run_here(std::string_view verb, const std::string& what, const Plan& plan,
             const std::string& database, const Parsed& parsed);

}  // namespace firesweep
