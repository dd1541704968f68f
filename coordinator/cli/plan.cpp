#include "coordinator/cli/plan.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <utility>

#include "coordinator/cli/known_host.h"
#include "coordinator/report/speed.h"
#include "coordinator/search/race.h"
#include "coordinator/server/intake.h"
#include "coordinator/store/read_database.h"
#include "shared/codec/document.h"
#include "shared/domain/methods.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

constexpr std::ptrdiff_t kFirst = 5;  // trials that are shown

HostQuestion question_of(const Parsed& parsed) {
  const bool unseen = parsed.has("quiet") && parsed.has("yes");
  return {parsed.get<int>("workers"), parsed.get<int>("threads"), parsed.get<std::string>("device"),
          !parsed.has("no-probe") && !unseen};
}

}  // namespace

void add_plan_options(po::options_description& options) {
  options.add_options()("workers,w", po::value<int>()->value_name("N"),
                        "slots on this machine (default: one per core, or one per GPU)")(
      "no-probe",
      "do not train for two seconds to measure this host's speed if it is not known yet");
}

Result<Plan> make_plan(const request::Submit& submission, const Parsed& parsed,
                       const std::string& database) {
  Plan plan;
  for (const auto& [name, given] : {std::pair{"--workers", parsed.get<int>("workers")},
                                    std::pair{"--threads", parsed.get<int>("threads")}}) {
    if (given && (*given < 1 || *given > 1024)) {
      return fail(ErrorCode::kBadInput, name,
                  "found " + std::to_string(*given) + ", expected 1 … 1024");
    }
  }
  auto expanded = expand_submission(submission);
  if (!expanded) return tl::unexpected(expanded.error());
  plan.frozen = expanded->frozen;
  plan.yaml = is_yaml_name(submission.spec_name);
  auto space = std::make_shared<const TrialSpace>(std::move(expanded->space));
  plan.repeats = find_repeats(*space);
  KnownHost host = know_host(kinds_of(*space), question_of(parsed),
                             ::isatty(STDERR_FILENO) != 0 ? &std::cerr : nullptr);
  try {
    if (std::filesystem::exists(database)) host.database_macs_per_s = measured_macs_per_s(database);
    plan.stored = find_stored(database, *plan.frozen);
  } catch (const DatabaseDamaged&) {
    // Then nothing is known of it; `run` refuses it.
  }
  plan.slots = static_cast<int>(host.slots);
  std::vector<std::int64_t> order = space->dispatch_order();
  if (plan.frozen->spec.racing) order = by_seed(*space, std::move(order));
  plan.estimate = estimate(*space, host, order);
  plan.saving = saving_of(*space, plan.slots, order);
  plan.most_raced_out = most_raced_out(*space);
  const bool known = !learns(plan.frozen->spec.method);
  plan.first.assign(order.begin(),
                    order.begin() + (known ? std::min(kFirst, std::ssize(order)) : 0));
  plan.space = std::move(space);
  return plan;
}

}  // namespace firesweep
