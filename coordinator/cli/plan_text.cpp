// What is printed of a plan.
#include <algorithm>
#include <functional>
#include <iomanip>
#include <map>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "coordinator/cli/plan.h"
#include "coordinator/cli/point_list.h"
#include "coordinator/cli/text.h"
#include "coordinator/report/render/human.h"
#include "coordinator/report/render/render.h"
#include "coordinator/search/equal_trainings.h"
#include "shared/domain/longer_training.h"
#include "shared/domain/methods.h"
#include "shared/domain/search_settings.h"

namespace firesweep {
namespace {

constexpr double kBytesWorthSaying = 1e8;
constexpr std::size_t kMostShown = 10;  // conditions, exclusions and constraints, of each

// What takes trials away, and how many.
struct Removal {
  std::int64_t trials;
  std::string why;
};

std::string text_of(const std::map<std::string, Value>& point) {
  std::string text;
  for (const auto& [name, value] : point) {
    text += (text.empty() ? "" : ", ") + name + " is " + to_string(value);
  }
  return text;
}

std::string text_of(const ParameterCondition& condition) {
  std::string where;
  for (const Requirement& requirement : condition.where) {
    where += (where.empty() ? "" : " and ") + requirement.name + " is ";
    for (std::size_t i = 0; i < requirement.values.size(); ++i) {
      where += (i == 0 ? "" : " or ") + to_string(requirement.values[i]);
    }
  }
  return condition.parameter + " exists only where " + where;
}

// One for each that removes some; beyond the most that are shown, together.
void add_each(const std::vector<std::int64_t>& removed, const std::string& what,
              const std::function<std::string(std::size_t)>& text, std::vector<Removal>& all) {
  std::size_t shown = 0;
  std::int64_t rest = 0;
  for (std::size_t i = 0; i < removed.size(); ++i) {
    if (removed[i] == 0) continue;
    if (++shown > kMostShown) {
      rest += removed[i];
    } else {
      all.push_back({removed[i], what + ": " + text(i)});
    }
  }
  if (rest > 0) all.push_back({rest, what + ": the others"});
}

std::string merged_alike(const SweepSpec& spec) {
  std::string names;
  for (const std::string& name : written_in_ways(spec)) names += (names.empty() ? "" : ", ") + name;
  return "merged: points that train the same as one before (" + names + ")";
}

std::vector<Removal> removals_of(const Plan& plan) {
  const TrialSpace::Counts& counts = plan.estimate.counts;
  const SweepSpec& spec = plan.frozen->spec;
  std::vector<Removal> all;
  if (counts.unconditional > counts.raw) {
    std::string why = "conditions: ";
    for (std::size_t i = 0; i < std::min(spec.conditions.size(), kMostShown); ++i) {
      why += (i == 0 ? "" : "; ") + text_of(spec.conditions[i]);
    }
    all.push_back({counts.unconditional - counts.raw, why});
  }
  if (counts.repeated > 0) all.push_back({counts.repeated, "merged: points that came before"});
  if (counts.alike > 0) all.push_back({counts.alike, merged_alike(spec)});
  add_each(
      counts.by_exclusion, "exclude",
      [&](std::size_t i) { return "where " + text_of(spec.exclude[i]); }, all);
  add_each(
      counts.by_constraint, "constraint", [&](std::size_t i) { return spec.constraints[i].text; },
      all);
  if (counts.capped > 0) {
    const bool grown = plan.stored && plan.stored->trials > counts.trials;
    all.push_back({counts.capped, "run_cap: the first " + human_whole(counts.trials) +
                                      " in number order " +
                                      (grown ? "are in this file; the sweep has more" : "run")});
  }
  return all;
}

// Trials are counted, so that the numbers add up with several seeds, too.
void print_removed(std::ostream& out, const Plan& plan) {
  const TrialSpace::Counts& counts = plan.estimate.counts;
  const auto seeds = static_cast<std::int64_t>(plan.frozen->spec.seeds.size());
  if (learns(plan.frozen->spec.method)) {
    const std::int64_t removed = counts.constrained / seeds, alike = counts.alike / seeds;
    if (counts.possible > 0 && removed > 0) {
      out << "  exclude and constraints remove " << human_whole(removed) << " of "
          << human_whole(counts.possible + alike + removed) << " points\n";
    }
    if (alike > 0) {
      out << "  " << human_whole(alike) << " " << merged_alike(plan.frozen->spec) << "\n";
    }
    return;
  }
  const std::vector<Removal> all = removals_of(plan);
  if (all.empty()) return;
  std::int64_t before = counts.trials;
  for (const Removal& one : all) before += one.trials;
  const bool drawn = draws(plan.frozen->spec.method);
  const std::string whole = human_whole(before);
  out << "  " << whole << (drawn ? " were looked at" : " combinations")
      << (seeds > 1 ? ", seeds included" : "") << ", without:\n";
  for (const Removal& one : all) {
    const std::string number = human_whole(one.trials);
    out << "  " << std::string(whole.size() - number.size(), ' ') << number << "  " << one.why
        << "\n";
  }
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
  const std::int64_t startup = std::min(drawn, startup_of(spec.method, spec.search));
  out << "  " << method << " proposes each point when a worker asks for it: the first " << startup
      << " at random, then from results;\n  shares and time below are those of evenly spread "
         "points\n";
}

// Of real training. What a trial resumes from holds, beside its weights, two values more for each
// of them for the optimizer, and is kept twice, against damage.
void print_checkpoints(std::ostream& out, const Plan& plan) {
  const SweepSpec& spec = plan.frozen->spec;
  if (spec.trainer == Trainer::kSimulated) return;
  constexpr double kOfWeights = 6;
  const CheckpointRules rules = spec.checkpoint.value_or(CheckpointRules{});
  const double largest =
      kBytesPerWeight * static_cast<double>(plan.estimate.most_params.value_or(0));
  double kept = 0;
  for (const auto& [name, share] : plan.estimate.variants) kept += share.weights_bytes;
  if (rules.keep_best) kept = largest;
  if (rules.max_bytes) {
    kept = std::min(kept, std::max(static_cast<double>(*rules.max_bytes), largest));
  }
  const auto running = static_cast<double>(
      std::min<std::int64_t>(plan.slots, std::max<std::int64_t>(plan.estimate.counts.trials, 1)));
  const auto size = [](double bytes) { return human(Value(bytes), Unit::kBytes); };
  out << "  checkpoints: up to " << size(kept) << " for finished trials' weights, and "
      << size(kOfWeights * largest * running) << " for running trials\n";
}

void print_params(std::ostream& out, const Estimate& estimate) {
  if (!estimate.least_params || !estimate.most_params) return;
  out << "\n  params: " << human_whole(*estimate.least_params);
  if (*estimate.most_params > *estimate.least_params) {
    out << " to " << human_whole(*estimate.most_params);
  }
}

void print_saving(std::ostream& out, const Plan& plan) {
  const auto& rules = plan.frozen->spec.early_terminate;
  if (!rules) return;
  out << "  early termination (" << to_string(rules->type)
      << (rules->promotion ? ", promotion" : "") << "): ";
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
    return p.name == "schedule" || p.name == "schedule_epochs" || p.name == "cooldown_epochs";
  });
  if (swept || spec.trainer == Trainer::kSimulated || !may_be_continued(spec.base)) return;
  out << "  extended by more epochs, trials go on from checkpoints of the shorter ones (schedule "
      << spec.base.schedule << ")"
      << (spec.base.schedule == "constant" ? ", also with cooldown_epochs in the added ones" : "")
      << "\n";
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

// Lines as a YAML file has them, `depth` spaces deep, or a JSON file: with a comma behind each.
void print_lines(std::ostream& out, const std::vector<std::string>& lines, bool yaml,
                 std::size_t depth) {
  for (const std::string& line : lines) {
    out << std::string(yaml ? depth : depth + 2, ' ') << line << (yaml ? "\n" : ",\n");
  }
}

void print_remedy(std::ostream& out, const Plan& plan) {
  const auto& [members, parameters] = plan.repeats.remedy;
  if (!members.empty()) {
    out << "  to train each once, write in the file, in place of its own \"conditions\" and "
           "\"exclude\" if it has these:\n";
    print_lines(out, members, plan.yaml, 0);
  }
  if (!parameters.empty()) {
    out << "  to train each once, write in \"parameters\", in place of the lists:\n";
    print_lines(out, parameters, plan.yaml, 2);
  }
}

void print_repeats(std::ostream& out, const Plan& plan) {
  if (plan.repeats.notes.empty()) return;
  const std::int64_t trials = plan.estimate.counts.trials;
  print_warnings(out, plan.repeats.notes);
  if (plan.repeats.different > 0) {
    out << "  warning: " << plan.repeats.different << " different networks in " << trials
        << " trials\n";
  }
  print_remedy(out, plan);
}

}  // namespace

void print_plan(std::ostream& out, const Plan& plan) {
  const SweepSpec& spec = plan.frozen->spec;
  const std::int64_t trials =
      std::max(plan.estimate.counts.trials, plan.stored ? plan.stored->trials : std::int64_t{0});
  out << spec.name << ": " << trials << (trials == 1 ? " trial on " : " trials on ")
      << (spec.trainer == Trainer::kSimulated ? "simulated learning curves"
                                              : to_string(spec.dataset))
      << "\n";
  print_stored(out, plan);
  print_removed(out, plan);
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
  print_params(out, plan.estimate);
  out << "\n  estimate: " << rough_time(plan.estimate.seconds) << " on " << plan.slots
      << (plan.slots == 1 ? " slot" : " slots") << " (" << plan.estimate.basis << ")";
  if (plan.estimate.bytes >= kBytesWorthSaying) {
    out << ", " << human_fixed(plan.estimate.bytes / 1e9, 1, " GB") << " of database";
  }
  out << "\n";
  print_saving(out, plan);
  print_racing(out, plan);
  print_checkpoints(out, plan);
  print_more_epochs(out, plan.frozen->spec);
  print_repeats(out, plan);
  print_warnings(out, spec.warnings);
}

void print_first(std::ostream& out, const Plan& plan) {
  if (plan.first.empty()) return;
  std::istringstream lines(render_text(table_of(*plan.space, plan.first)));
  out << "\n  begins with:\n";
  for (std::string line; std::getline(lines, line);) out << "  " << line << "\n";
  const std::int64_t others =
      plan.estimate.counts.trials - static_cast<std::int64_t>(plan.first.size());
  if (others > 0) {
    out << "  and " << human_whole(others) << " more; `firesweep preview --list` prints all\n";
  }
}

}  // namespace firesweep
