#include "coordinator/search/replay.h"

#include <iostream>
#include <string>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/target.h"
#include "coordinator/core/work.h"
#include "coordinator/search/termination/recompute.h"
#include "coordinator/store/stored_search.h"
#include "shared/domain/methods.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

// What was computed again, and how much of it: nothing where the sweep decides nothing of a kind.
struct Decisions {
  std::optional<Replayed> search;
  std::optional<Recomputed> termination;
};

Error decides_nothing(SweepId id, Method method) {
  return {ErrorCode::kBadInput, "sweep " + std::to_string(id.value),
          "method " + std::string(to_string(method)) +
              " decides nothing: its points are functions of their number, and without "
              "early_terminate nothing stops its trials",
          "the same file always gives the same trials"};
}

Recomputed terminations_of(const StoredSearch& stored, const SweepSpace& space,
                           const EarlyTermination& rules) {
  const SweepSpec& spec = space.newest()->spec;
  std::vector<TrialReport> reports;
  for (const EpochScore& one : stored.sweep.scores) {
    const auto config = space.config(one.number);
    if (!config) continue;
    TrialReport report = report_of(one.number, *config, rules);
    report.epoch = one.epoch;
    report.score = spec.maximize ? one.score : -one.score;
    reports.push_back(std::move(report));
  }
  return recompute(rules, spec.search_seed, reports, stored.decisions);
}

// The points are proposed again in a space without any; trials of a search are found in its own.
Result<SweepSpace> space_of(const SweepSnapshot& sweep) {
  auto space = SweepSpace::make(sweep.frozen);
  if (!space) return space;
  for (const auto& extension : sweep.extensions) {
    if (auto extended = space->extend(extension); !extended) {
      return tl::unexpected(extended.error());
    }
  }
  return space;
}

Result<Decisions> replay_stored(const std::filesystem::path& database, SweepId id) {
  const auto stored = read_search(database, id);
  if (!stored) return tl::unexpected(stored.error());
  const SweepSnapshot& sweep = stored->sweep;
  const SweepSpec& spec = sweep.frozen->spec;
  if (!learns(spec.method) && !spec.early_terminate) {
    return tl::unexpected(decides_nothing(id, spec.method));
  }
  auto space = space_of(sweep);
  if (!space) return tl::unexpected(space.error());
  Decisions done;
  if (learns(spec.method)) done.search = replay(*space, sweep.proposals, sweep.results);
  for (const Proposal& proposal : sweep.proposals) {
    if (const auto kept = space->keep(proposal); !kept) break;  // replay() tells it
  }
  if (const auto& rules = spec.early_terminate) {
    done.termination = terminations_of(*stored, *space, *rules);
  }
  return done;
}

// Prints what differs, and one line of it all. True where something does.
bool tell(SweepId id, const char* kind, std::int64_t decisions,
          const std::vector<std::string>& differences) {
  for (const std::string& line : differences) std::cout << line << "\n";
  std::cout << "sweep " << id.value << ": ";
  if (differences.empty()) {
    std::cout << decisions << " " << kind << " computed again, each as stored\n";
    return false;
  }
  std::cout << differences.size() << " of " << decisions << " " << kind << " differ\n";
  return true;
}

}  // namespace

int verb_replay(const Words& words) {
  const Usage usage{
      "replay", "SWEEP",
      "Computes the decisions of a sweep again from the evidence stored with them, and compares:\n"
      "every proposal of a method that learns (tpe, evolution, nsga2, gp) from the results and\n"
      "running trials that it knew; with early_terminate, every trial stopped and every promotion\n"
      "from the trial's stored epochs and its rank among those compared. Changes nothing. Exit\n"
      "code 1 if a decision differs.",
      1, 1};
  po::options_description options("Options");
  options.add_options()(
      "db", po::value<std::string>()->value_name("FILE")->default_value(kDefaultDatabase),
      "the database");
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  const auto id = parse_sweep(parsed.positional[0]);
  if (!id) return report_error(usage.verb, id.error());
  const auto done = replay_stored(parsed.value<std::string>("db"), *id);
  if (!done) return report_error(usage.verb, done.error());
  bool differ = false;
  if (const auto& search = done->search) {
    differ = tell(*id, "proposals", search->proposals, search->differences);
  }
  if (const auto& rules = done->termination) {
    differ = tell(*id, "terminations", rules->decisions, rules->differences) || differ;
  }
  return differ ? kFailedWhileRunning : kDone;
}

}  // namespace firesweep
