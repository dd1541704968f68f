#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/sweep_files.h"
#include "coordinator/cli/target.h"
#include "coordinator/store/lock.h"
#include "shared/base/shell.h"

namespace firesweep {

namespace po = boost::program_options;

int verb_extend(const Words& words) {
  const Usage usage{
      "extend", "SWEEP FILE.json",
      "Adds the trials of an edited sweep file to a sweep. Edit a copy of the sweep's file (more\n"
      "values, more seeds, a higher run_cap) and name it here. Trials that the sweep already has\n"
      "are kept and keep their numbers. The new file's limits apply from now on.",
      2, 2};
  po::options_description options("Options");
  add_architectures_option(options);
  add_target_options(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;

  const auto sweep = parse_sweep(parsed.positional[0]);
  if (!sweep) return report_error(usage.verb, sweep.error());
  const auto target = target_of(parsed);
  if (!target) return report_error(usage.verb, target.error());
  auto file = read_submission(parsed.positional[1], parsed.get<std::string>("architectures"));
  if (!file) return report_error(usage.verb, file.error());
  const auto extended = answer_of<reply::Extended>(control(
      *target, ClientRequest{kClientProtocolVersion, request::Extend{*sweep, std::move(*file)}}));
  if (!extended) return report_error(usage.verb, extended.error());
  std::cout << "added " << extended->added << (extended->added == 1 ? " trial" : " trials")
            << " to sweep " << extended->sweep.value << ", which has " << extended->trials
            << " now and is " << to_string(extended->state) << "\n";
  if (const auto& database = target->database; database && !find_owner(*database)) {
    std::vector<std::string> run{"firesweep", "run", parsed.positional[1]};
    for (const std::string& word : words_to(*target)) run.push_back(word);
    std::cout << "no coordinator runs it now; to continue: " << shell_command(run) << "\n";
  }
  return kDone;
}

}  // namespace firesweep
