// A sweep that was checked, frozen and estimated. `preview` prints it, `run` runs it.
#pragma once

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

#include "coordinator/cli/estimate.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/saving.h"
#include "coordinator/report/stored_sweeps.h"
#include "coordinator/search/repeats.h"
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
  int slots = 1;                      // that the estimate is for
};

// Adds --workers, --no-probe.
void add_plan_options(boost::program_options::options_description& options);

// Decodes the submission and estimates it for --workers slots of this host. Probes the host's speed
// if it is not known, unless --no-probe is given or nobody will see the estimate (--quiet and
// --yes). If nothing else is known, uses the speed measured in `database`. Also looks there for a
// sweep of the same content.
Result<Plan> make_plan(const request::Submit& submission, const Parsed& parsed,
                       const std::string& database);

// Prints the trials, what was removed, each variant with its cost, the time, and warnings.
void print_plan(std::ostream& out, const Plan& plan);

}  // namespace firesweep
