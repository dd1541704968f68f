#include "coordinator/search/replay.h"

#include <iostream>
#include <string>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/target.h"
#include "coordinator/store/stored_search.h"
#include "shared/domain/methods.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

Result<Replayed> replay_stored(const std::filesystem::path& database, SweepId id) {
  const auto sweep = read_sweep(database, id);
  if (!sweep) return tl::unexpected(sweep.error());
  const Method method = sweep->frozen->spec.method;
  if (!learns(method)) {
    return fail(ErrorCode::kBadInput, "sweep " + std::to_string(id.value),
                "method " + std::string(to_string(method)) +
                    " decides nothing: its points are functions of their number",
                "the same file always gives the same trials");
  }
  auto space = SweepSpace::make(sweep->frozen);
  if (!space) return tl::unexpected(space.error());
  for (const auto& extension : sweep->extensions) {
    if (auto extended = space->extend(extension); !extended) {
      return tl::unexpected(extended.error());
    }
  }
  return replay(std::move(*space), sweep->proposals, sweep->results);
}

}  // namespace

int verb_replay(const Words& words) {
  const Usage usage{
      "replay", "SWEEP",
      "Computes every proposal of a sweep again from the evidence stored with it (the results\n"
      "and running trials that it knew) and compares. For methods that learn: tpe, evolution,\n"
      "nsga2, gp. Changes nothing. Exit code 1 if a proposal differs.",
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
  for (const std::string& line : done->differences) std::cout << line << "\n";
  if (done->differences.empty()) {
    std::cout << "sweep " << id->value << ": " << done->proposals
              << " proposals computed again, each as stored\n";
    return kDone;
  }
  std::cout << "sweep " << id->value << ": " << done->differences.size() << " of "
            << done->proposals << " proposals differ\n";
  return kFailedWhileRunning;
}

}  // namespace firesweep
