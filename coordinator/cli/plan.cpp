#include "coordinator/cli/plan.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <utility>

#include "coordinator/cli/known_host.h"
#include "coordinator/cli/text.h"
#include "coordinator/report/render/human.h"
#include "coordinator/report/speed.h"
#include "coordinator/search/race.h"
#include "coordinator/server/intake.h"
#include "coordinator/store/read_database.h"
#include "shared/domain/longer_training.h"
#include "shared/domain/methods.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

constexpr double kBytesWorthSaying = 1e8;

void print_removed(std::ostream& out, const TrialSpace::Counts& counts) {
  if (counts.excluded > 0) out << "  removed by exclude: " << counts.excluded << "\n";
  if (counts.constrained > 0) out << "  removed by constraints: " << counts.constrained << "\n";
  if (counts.capped > 0)
    out << "  left out by run_cap: " << counts.capped << " (the first ones in number order run)\n";
}

// Says how many points there are to draw, if their number is finite, and what is not known yet.
void print_points(std::ostream& out, const Plan& plan) {
  const TrialSpace::Counts& counts = plan.estimate.counts;
  const SweepSpec& spec = plan.frozen->spec;
  if (!draws(spec.method)) return;
  const std::string method(to_string(spec.method));
  const auto seeds = static_cast<std::int64_t>(spec.seeds.size());
  const std::int64_t drawn = (counts.trials + seeds - 1) / seeds;
  if (counts.possible > 0) {
    out << "  " << method << " points: " << drawn << " of " << counts.possible
        << " possible, none twice";
    if (spec.run_cap && counts.trials < *spec.run_cap)
      out << "; run_cap " << *spec.run_cap << " is not reached";
    out << "\n";
  }
  if (!learns(spec.method)) return;
  const std::int64_t startup = std::min<std::int64_t>(drawn, method_info(spec.method).startup);
  out << "  " << method << " proposes each point when a worker asks for it: the first " << startup
      << " at random, then from results;\n  shares and time below are those of evenly spread "
         "points\n";
}

HostQuestion question_of(const Parsed& parsed) {
  const bool unseen = parsed.has("quiet") && parsed.has("yes");
  return {parsed.get<int>("workers"), parsed.get<int>("threads"), parsed.get<std::string>("device"),
          !parsed.has("no-probe") && !unseen};
}

// Weights are 4 bytes a parameter; what a trial resumes from has two more for the optimizer and is
// kept twice, against damage.
void print_checkpoints(std::ostream& out, const Plan& plan) {
  const auto& rules = plan.frozen->spec.checkpoint;
  if (!rules) return;
  double all = 0;
  double largest = 0;
  for (const auto& [name, share] : plan.estimate.variants) {
    const double weights = 4.0 * static_cast<double>(share.cost.params);
    all += weights * static_cast<double>(share.trials);
    largest = std::max(largest, weights);
  }
  double kept = rules->keep_best ? largest : all;
  if (rules->max_bytes) {
    kept = std::min(kept, std::max(static_cast<double>(*rules->max_bytes), largest));
  }
  const auto mb = [](double bytes) { return human_fixed(bytes / 1e6, 1, " MB"); };
  out << "  checkpoints: up to " << mb(kept) << " for finished trials' weights, and "
      << mb(6 * largest * plan.slots) << " for running trials\n";
}

void print_saving(std::ostream& out, const Plan& plan) {
  const auto& rules = plan.frozen->spec.early_terminate;
  if (!rules) return;
  out << "  early termination (" << to_string(rules->type) << "): ";
  if (!plan.saving) {
    out << "what it saves depends on the curves";
  } else if (plan.saving->most == 0) {
    out << "saves nothing, too few trials are compared with each other";
  } else {
    out << "saves " << human_fixed(100 * plan.saving->least, 0, "") << " to "
        << human_fixed(100 * plan.saving->most, 0, " %") << " of the training, by simulation";
  }
  out << "; the estimate is without it\n";
}

void print_racing(std::ostream& out, const Plan& plan) {
  const auto& rules = plan.frozen->spec.racing;
  if (!rules) return;
  out << "  racing for the best " << rules->top << (rules->group_by.empty() ? "" : " of each group")
      << ": saves up to " << plan.most_raced_out << " of " << plan.estimate.counts.trials
      << " trials, depending on the results; the estimate is without it\n";
}

// Only where all trials have one schedule.
void print_more_epochs(std::ostream& out, const SweepSpec& spec) {
  const bool swept = std::any_of(spec.parameters.begin(), spec.parameters.end(), [](const auto& p) {
    return p.name == "schedule" || p.name == "schedule_epochs";
  });
  if (swept || spec.trainer == Trainer::kSimulated) return;
  out << "  extended by more epochs: "
      << (may_be_continued(spec.base)
              ? "trials go on from the checkpoints of the shorter ones (schedule "
              : "trials begin from nothing (all epochs are part of schedule ")
      << spec.base.schedule << ")\n";
}

void print_stored(std::ostream& out, const Plan& plan) {
  if (!plan.stored) return;
  const auto& [sweep, trials, complete] = *plan.stored;
  out << "  goes on as sweep " << sweep.value << ": ";
  if (const std::int64_t own = plan.estimate.counts.trials; trials > own) {
    out << own << " of its trials are in this file, " << trials - own
        << " were added by `firesweep "
        << "extend`; ";
  }
  out << complete << " of " << trials << " complete\n";
}

void print_repeats(std::ostream& out, const Plan& plan) {
  if (plan.repeats.notes.empty()) return;
  const std::int64_t trials = plan.estimate.counts.trials;
  for (const std::string& note : plan.repeats.notes) out << "  warning: " << note << "\n";
  out << "  warning: " << plan.repeats.different << " different networks in " << trials
      << " trials\n";
  if (!plan.repeats.exclude.empty()) {
    out << "  to train each once: \"exclude\": [" << plan.repeats.exclude << "]\n";
  }
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
  auto frozen = decode_submission(submission);
  if (!frozen) return tl::unexpected(frozen.error());
  plan.frozen = *frozen;
  auto space = TrialSpace::make(plan.frozen);
  if (!space) return tl::unexpected(space.error());
  plan.repeats = find_repeats(*space);
  KnownHost host = know_host(kinds_of(*space), question_of(parsed),
                             ::isatty(STDERR_FILENO) != 0 ? &std::cerr : nullptr);
  try {
    if (std::filesystem::exists(database)) host.database_macs_per_s = measured_macs_per_s(database);
    plan.stored = find_stored(database, **frozen);
  } catch (const DatabaseDamaged&) {
    // Then nothing is known of it; `run` refuses it.
  }
  plan.slots = static_cast<int>(host.slots);
  plan.estimate = estimate(*space, host);
  plan.saving = saving_of(*space, plan.slots);
  plan.most_raced_out = most_raced_out(*space);
  return plan;
}

void print_plan(std::ostream& out, const Plan& plan) {
  const SweepSpec& spec = plan.frozen->spec;
  const std::int64_t trials =
      std::max(plan.estimate.counts.trials, plan.stored ? plan.stored->trials : std::int64_t{0});
  out << spec.name << ": " << trials << (trials == 1 ? " trial on " : " trials on ")
      << (spec.trainer == Trainer::kSimulated ? "simulated learning curves"
                                              : to_string(spec.dataset))
      << "\n";
  print_stored(out, plan);
  print_removed(out, plan.estimate.counts);
  print_points(out, plan);
  out << "\n  " << std::left << std::setw(14) << "variant" << std::right << std::setw(8) << "trials"
      << std::setw(14) << "params" << std::setw(16) << "MACs/image" << std::setw(9) << "work"
      << "\n";
  for (const auto& [name, share] : plan.estimate.variants) {
    const double part = plan.estimate.work_macs > 0 ? share.work_macs / plan.estimate.work_macs : 0;
    out << "  " << std::left << std::setw(14) << name << std::right << std::setw(8) << share.trials
        << std::setw(14) << share.cost.params << std::setw(16) << share.cost.macs << std::setw(7)
        << std::fixed << std::setprecision(0) << 100 * part << " %\n";
  }
  out << "\n  estimate: " << rough_time(plan.estimate.seconds) << " on " << plan.slots
      << (plan.slots == 1 ? " slot" : " slots") << " (" << plan.estimate.basis << ")";
  if (plan.estimate.bytes >= kBytesWorthSaying) {
    out << ", " << human_fixed(plan.estimate.bytes / 1e9, 1, " GB") << " of database";
  }
  out << "\n";
  print_saving(out, plan);
  print_racing(out, plan);
  print_checkpoints(out, plan);
  print_more_epochs(out, spec);
  print_repeats(out, plan);
  for (const std::string& warning : spec.warnings) out << "  warning: " << warning << "\n";
}

}  // namespace firesweep
