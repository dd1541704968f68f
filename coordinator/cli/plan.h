// A sweep that was checked, frozen and estimated. `preview` prints it, `run` runs it.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/cli/estimate.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/saving.h"
#include "coordinator/report/stored_sweeps.h"
#include "coordinator/search/repeats.h"
#include "coordinator/search/trial_space.h"
#include "shared/base/error.h"
#include "shared/domain/sweep_spec.h"
#include "shared/wire/messages.h"

namespace firesweep {

struct Plan {
  std::shared_ptr<const FrozenSweep> frozen;
  Estimate estimate;
  Repeats repeats;
  std::optional<Saving> saving = {};
  std::int64_t most_raced_out = 0;    // trials
  std::optional<StoredSweep> stored;  // in the database that `run` would write
  std::shared_ptr<const TrialSpace> space = {};
  std::vector<std::int64_t> first = {};  // numbers of the trials that begin first, if known
  int slots = 1;                         // that the estimate is for
  bool yaml = false;                     // the file's language
};

// Adds --workers, --no-probe.
void add_plan_options(boost::program_options::options_description& options);

// Decodes the submission and estimates it for --workers slots of this host. Probes the host's speed
// if it is not known, unless --no-probe is given or nobody will see the estimate (--quiet and
// --yes). If nothing else is known, uses the speed measured in `database`. Also looks there for a
// sweep of the same content.
Result<Plan> make_plan(const request::Submit& submission, const Parsed& parsed,
                       const std::string& database);

// Prints the trials, what was removed and why, each variant with its cost, the range of params, the
// time, the room for checkpoints, and warnings.
void print_plan(std::ostream& out, const Plan& plan);

// Prints the trials that begin first as a table; nothing under a method that learns.
void print_first(std::ostream& out, const Plan& plan);

}  // namespace firesweep
