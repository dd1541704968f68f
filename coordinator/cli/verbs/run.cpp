#include "coordinator/cli/run_here.h"
#include "coordinator/cli/sweep_files.h"
#include "coordinator/cli/target.h"

namespace firesweep {

namespace po = boost::program_options;

int verb_run(const Words& words) {
  const Usage usage{
      "run", "SWEEP.json",
      "Runs a sweep on this machine: a coordinator and its workers in one command. On\n"
      "Ctrl-C running trials write a checkpoint and the command ends. The same command\n"
      "resumes the sweep, also if it was paused or stopped.",
      1, 1};
  po::options_description options("Options");
  options.add_options()(
      "db", po::value<std::string>()->value_name("FILE")->default_value(kDefaultDatabase),
      "database file; created if it does not exist");
  add_run_options(options);
  add_architectures_option(options);
  add_set_option(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;

  const std::string& file = parsed.positional[0];
  const std::string database = parsed.value<std::string>("db");
  const auto submission =
      read_submission(file, parsed.get<std::string>("architectures"), settings_of(parsed));
  if (!submission) return report_error(usage.verb, submission.error());
  const auto plan = make_plan(*submission, parsed, database);
  if (!plan) return report_error(usage.verb, plan.error());
  return run_here(usage.verb, file, *plan, database, parsed);
}

}  // namespace firesweep
