#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/plan.h"
#include "coordinator/cli/sweep_files.h"
#include "coordinator/cli/target.h"
#include "shared/base/shell.h"

namespace firesweep {

namespace po = boost::program_options;

int verb_preview(const Words& words) {
  const Usage usage{
      "preview", "SWEEP.json",
      "Checks a sweep file, lists its trials by variant and estimates the training time. Starts\n"
      "no training.",
      1, 1};
  po::options_description options("Options");
  options.add_options()(
      "db", po::value<std::string>()->value_name("FILE")->default_value(kDefaultDatabase),
      "use the training speed measured in this database");
  add_plan_options(options);
  add_architectures_option(options);
  add_set_option(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  const auto submission = read_submission(
      parsed.positional[0], parsed.get<std::string>("architectures"), settings_of(parsed));
  if (!submission) return report_error(usage.verb, submission.error());
  const auto plan = make_plan(*submission, parsed, parsed.value<std::string>("db"));
  if (!plan) return report_error(usage.verb, plan.error());
  print_plan(std::cout, *plan);
  std::vector<std::string> run{"firesweep", "run", parsed.positional[0]};
  if (const auto folder = parsed.get<std::string>("architectures")) {
    run.insert(run.end(), {"--architectures", *folder});
  }
  for (const std::string& setting : settings_of(parsed)) {
    run.insert(run.end(), {"--set", setting});
  }
  if (const auto slots = parsed.get<int>("workers")) {
    run.insert(run.end(), {"--workers", std::to_string(*slots)});
  }
  if (const std::string database = parsed.value<std::string>("db"); database != kDefaultDatabase) {
    run.insert(run.end(), {"--db", database});
  }
  std::cout << "\nNext:\n  " << shell_command(run) << "\n";
  return kDone;
}

}  // namespace firesweep
