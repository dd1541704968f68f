#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/sweep_files.h"
#include "coordinator/cli/target.h"
#include "coordinator/cli/text.h"
#include "coordinator/store/lock.h"
#include "shared/base/shell.h"

namespace firesweep {

namespace po = boost::program_options;

namespace {

// What is asked for: a file, or seeds, or a run_cap.
Result<request::Extend> read_extension(const Parsed& parsed) {
  const auto sweep = parse_sweep(parsed.positional[0]);
  if (!sweep) return tl::unexpected(sweep.error());
  request::Extend extend{*sweep, {}, {}, parsed.get<std::int64_t>("run-cap")};
  const auto seeds = parsed.get<std::string>("seeds");
  const int given =
      (parsed.positional.size() > 1 ? 1 : 0) + (seeds ? 1 : 0) + (extend.run_cap ? 1 : 0);
  if (given != 1) {
    return fail(ErrorCode::kBadInput, "extend",
                given == 0 ? "found nothing to add, expected FILE.json, --seeds or --run-cap"
                           : "found more than one of FILE.json, --seeds and --run-cap",
                "as in `firesweep extend " + parsed.positional[0] + " --seeds 4,5`");
  }
  if (extend.run_cap && *extend.run_cap < 1) {
    return fail(ErrorCode::kBadInput, "--run-cap",
                "found " + std::to_string(*extend.run_cap) + ", expected a number of trials");
  }
  if (seeds) {
    auto list = parse_seeds(*seeds);
    if (!list) return tl::unexpected(list.error());
    extend.seeds = std::move(*list);
  } else if (!extend.run_cap) {
    auto file = read_submission(parsed.positional[1], parsed.get<std::string>("architectures"));
    if (!file) return tl::unexpected(file.error());
    extend.file = std::move(*file);
  }
  return extend;
}

// What is to be typed where nobody runs the sweep.
std::string next_command(const Parsed& parsed, const Target& target) {
  if (parsed.positional.size() < 2) {
    std::vector<std::string> serve{"firesweep", "serve"};
    for (const std::string& word : words_to(target)) serve.push_back(word);
    return "`firesweep run` with its file, or `" + shell_command(serve) + "` with workers";
  }
  std::vector<std::string> run{"firesweep", "run", parsed.positional[1]};
  for (const std::string& word : words_to(target)) run.push_back(word);
  return shell_command(run);
}

}  // namespace

int verb_extend(const Words& words) {
  const Usage usage{
      "extend", "SWEEP [FILE.json]",
      "Adds trials to a sweep, finished or not: more seeds for all its points (--seeds), more of\n"
      "its grid or more random points (--run-cap), or those of an edited copy of its file (more\n"
      "values, more seeds, a higher run_cap). Trials that the sweep already has are kept, keep\n"
      "their numbers and never run again. An edited file's limits apply from now on.",
      1, 2};
  po::options_description options("Options");
  options.add_options()("seeds", po::value<std::string>()->value_name("LIST"),
                        "seeds to add to every point, as in 4,5")(
      "run-cap", po::value<std::int64_t>()->value_name("N"),
      "trials of the newest file in all, in the order of their numbers");
  add_architectures_option(options);
  add_target_options(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;

  auto extension = read_extension(parsed);
  if (!extension) return report_error(usage.verb, extension.error());
  const auto target = target_of(parsed);
  if (!target) return report_error(usage.verb, target.error());
  const auto extended = answer_of<reply::Extended>(
      control(*target, ClientRequest{kClientProtocolVersion, std::move(*extension)}));
  if (!extended) return report_error(usage.verb, extended.error());
  std::cout << "added " << extended->added << (extended->added == 1 ? " trial" : " trials")
            << " to sweep " << extended->sweep.value << ", which has " << extended->trials
            << " now and is " << to_string(extended->state) << "\n";
  print_warnings(std::cout, extended->warnings);
  if (extended->go_on > 0) {
    std::cout << extended->go_on << " of them train longer what the sweep has: they go on from the "
              << "checkpoints of the shorter trials, where these are still there\n";
  }
  if (extended->anew > 0) {
    std::cout << extended->anew
              << " of them train longer what the sweep has, and begin from nothing: "
              << "these are not the first epochs of the longer ones, whose schedule is laid over "
              << "all epochs or cools down (`firesweep explain checkpoint`)\n";
  }
  if (const auto& database = target->database; database && !find_owner(*database)) {
    std::cout << "no coordinator runs it now; to continue: " << next_command(parsed, *target)
              << "\n";
  }
  return kDone;
}

}  // namespace firesweep
