#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/plan.h"
#include "coordinator/cli/run_session.h"
#include "coordinator/cli/target.h"
#include "coordinator/cli/text.h"
#include "coordinator/report/render/human.h"
#include "shared/base/log.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

constexpr double kAskAboveSeconds = 12 * 3600.0;
constexpr double kAskAboveBytes = 1e9;

po::options_description run_options() {
  po::options_description options("Options");
  options.add_options()(
      "db", po::value<std::string>()->value_name("FILE")->default_value(kDefaultDatabase),
      "database file; made where it does not exist")(
      "data-dir", po::value<std::string>()->value_name("DIR"),
      "folder of the dataset's files (env FIRESWEEP_DATA)")(
      "checkpoint-dir", po::value<std::string>()->value_name("DIR"),
      "default: DB.checkpoints beside the database")(
      "threads", po::value<int>()->value_name("N"),
      "CPU threads per slot (default: cores divided by slots)")(
      "device", po::value<std::string>()->value_name("DEVICE"),
      "auto, cpu or cuda (default: auto)")("yes,y", "do not ask, however long it may take")(
      "quiet,q", "show nothing but the result")(
      "plain",
      "plain lines instead of a picture painted in place, as into a pipe (also where TERM "
      "is unset or dumb)")("log-level",
                           po::value<std::string>()->value_name("LEVEL")->default_value("info"),
                           "of the log DB.log");
  add_plan_options(options);
  return options;
}

RunSettings settings_of(const Parsed& parsed) {
  RunSettings settings;
  settings.database = parsed.value<std::string>("db");
  settings.checkpoint_folder =
      parsed.get<std::string>("checkpoint-dir").value_or(settings.database + ".checkpoints");
  settings.data_folder = parsed.get<std::string>("data-dir");
  settings.threads = parsed.get<int>("threads");
  settings.device = parsed.get<std::string>("device");
  settings.workers = parsed.get<int>("workers");
  settings.quiet = parsed.has("quiet");
  settings.plain = parsed.has("plain");
  settings.log_level = parsed.value<std::string>("log-level");
  return settings;
}

}  // namespace

int verb_run(const Words& words) {
  const Usage usage{"run", "SWEEP.json",
                    "Runs a sweep on this machine: a coordinator and its workers in one command. "
                    "Interrupted with\n"
                    "Ctrl-C it drains; the same command again resumes the sweep.",
                    1, 1};
  const Parsed parsed = parse(usage, run_options(), words);
  if (parsed.exit) return *parsed.exit;

  if (const auto level = checked_log_level(parsed); !level) {
    return report_error(usage.verb, level.error());
  }
  const RunSettings settings = settings_of(parsed);
  const auto plan = make_plan(parsed.positional[0], parsed, settings.database);
  if (!plan) return report_error(usage.verb, plan.error());
  if (!settings.quiet) print_plan(std::cout, *plan);
  if (plan->estimate.seconds > kAskAboveSeconds && !parsed.has("yes")) {
    return report_error(
        usage.verb, {ErrorCode::kBadInput, parsed.positional[0],
                     "the estimate is " + rough_time(plan->estimate.seconds) + ", above 12 hours",
                     "add --yes to start it all the same, or cut it with run_cap or fewer epochs"});
  }
  if (plan->estimate.bytes > kAskAboveBytes && !parsed.has("yes")) {
    return report_error(
        usage.verb,
        {ErrorCode::kBadInput, parsed.positional[0],
         std::to_string(plan->estimate.counts.trials) + " trials would take " +
             rough_time(plan->estimate.seconds) + " and " +
             human_fixed(plan->estimate.bytes / 1e9, 1, " GB") + " of database, above 1 GB",
         "add --yes to start it all the same, or cut it with run_cap"});
  }
  const auto code = run_session(*plan, settings);
  return code ? *code : report_error(usage.verb, code.error());
}

}  // namespace firesweep
