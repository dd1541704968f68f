#include "coordinator/cli/run_here.h"

#include <iostream>

#include "coordinator/cli/run_session.h"
#include "coordinator/cli/text.h"
#include "coordinator/cli/web.h"
#include "coordinator/report/render/human.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

constexpr double kAskAboveSeconds = 12 * 3600.0;
constexpr double kAskAboveBytes = 1e9;

RunSettings settings_of(const Parsed& parsed, const std::string& database) {
  RunSettings settings;
  settings.database = database;
  settings.checkpoint_folder =
      parsed.get<std::string>("checkpoint-dir").value_or(settings.database + ".checkpoints");
  settings.data_folder = parsed.get<std::string>("data-dir");
  settings.threads = parsed.get<int>("threads");
  settings.device = parsed.get<std::string>("device");
  settings.workers = parsed.get<int>("workers");
  settings.quiet = parsed.has("quiet");
  settings.plain = parsed.has("plain");
  settings.http = parsed.get<std::string>("http");
  settings.log_level = parsed.value<std::string>("log-level");
  return settings;
}

// A long run or a large database needs the user's --yes.
Result<void> worth_asking(const std::string& what, const Estimate& estimate, bool yes) {
  if (yes) return {};
  if (estimate.seconds > kAskAboveSeconds) {
    return fail(ErrorCode::kBadInput, what,
                "the estimate is " + rough_time(estimate.seconds) + ", above 12 hours",
                "add --yes to start it anyway, or make it smaller with run_cap or fewer epochs");
  }
  if (estimate.bytes > kAskAboveBytes) {
    return fail(ErrorCode::kBadInput, what,
                std::to_string(estimate.counts.trials) + " trials would take " +
                    rough_time(estimate.seconds) + " and " +
                    human_fixed(estimate.bytes / 1e9, 1, " GB") + " of database, above 1 GB",
                "add --yes to start it anyway, or make it smaller with run_cap");
  }
  return {};
}

}  // namespace

void add_run_options(po::options_description& options) {
  options.add_options()("data-dir", po::value<std::string>()->value_name("DIR"),
                        "folder of the dataset's files (env FIRESWEEP_DATA)")(
      "checkpoint-dir", po::value<std::string>()->value_name("DIR"),
      "folder for checkpoints (default: DB.checkpoints beside the database)")(
      "threads", po::value<int>()->value_name("N"),
      "CPU threads per slot (default: cores divided by slots)")(
      "device", po::value<std::string>()->value_name("DEVICE"),
      "auto, cpu or cuda (default: auto)")("yes,y", "start even if it takes long or much space")(
      "quiet,q", "show only the result")(
      "plain",
      "print plain lines instead of a display that updates in place (the default for a pipe, "
      "or if TERM is unset or dumb)")(
      "log-level", po::value<std::string>()->value_name("LEVEL")->default_value("info"),
      "level of the log file DB.log");
  add_http_option(options);
  add_plan_options(options);
}

int run_here(std::string_view verb, const std::string& what, const Plan& plan,
             const std::string& database, const Parsed& parsed) {
  if (const auto level = checked_log_level(parsed); !level) {
    return report_error(verb, level.error());
  }
  const RunSettings settings = settings_of(parsed, database);
  if (!settings.quiet) print_plan(std::cout, plan);
  if (const auto may = worth_asking(what, plan.estimate, parsed.has("yes")); !may) {
    return report_error(verb, may.error());
  }
  const auto code = run_session(plan, settings);
  return code ? *code : report_error(verb, code.error());
}

}  // namespace firesweep
