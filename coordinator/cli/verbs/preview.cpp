#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/plan.h"
#include "coordinator/cli/point_list.h"
#include "coordinator/cli/sweep_files.h"
#include "coordinator/cli/target.h"
#include "coordinator/server/intake.h"
#include "shared/base/shell.h"
#include "shared/domain/methods.h"

namespace firesweep {

namespace po = boost::program_options;

namespace {

int list(const Usage& usage, const request::Submit& submission, const Parsed& parsed) {
  const auto format = checked_format(parsed, {"table", "csv", "json"});
  if (!format) return report_error(usage.verb, format.error());
  if (!parsed.has("list")) {
    return report_error(usage.verb,
                        {ErrorCode::kBadInput, "--format",
                         "found it without --list, whose format it is", "write --list, too"});
  }
  const auto expanded = expand_submission(submission);
  if (!expanded) return report_error(usage.verb, expanded.error());
  const Method method = expanded->frozen->spec.method;
  if (learns(method)) {
    return report_error(
        usage.verb,
        {ErrorCode::kBadInput, "--list",
         "found method " + std::string(to_string(method)) +
             ", which proposes points from results: expected one whose points are known before",
         "`firesweep list SWEEP` prints the trials of a sweep that has begun"});
  }
  Spool text;
  list_points(expanded->space, *format, text);
  text.copy_to(std::cout);
  return kDone;
}

}  // namespace

int verb_preview(const Words& words) {
  const Usage usage{
      "preview", "SWEEP.json",
      "Checks a sweep file, counts its trials by variant and estimates the training time; --list\n"
      "prints every trial. Starts no training.",
      1, 1};
  po::options_description options("Options");
  options.add_options()(
      "db", po::value<std::string>()->value_name("FILE")->default_value(kDefaultDatabase),
      "use the training speed measured in this database")(
      "list,l", "print every trial instead: number, parameters, seed, params and MACs")(
      "format,f", po::value<std::string>()->value_name("FORMAT"),
      "of --list: one of table, csv, json (default: table)");
  add_plan_options(options);
  add_architectures_option(options);
  add_set_option(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  const auto submission = read_submission(
      parsed.positional[0], parsed.get<std::string>("architectures"), settings_of(parsed));
  if (!submission) return report_error(usage.verb, submission.error());
  if (parsed.has("list") || parsed.has("format")) return list(usage, *submission, parsed);
  const auto plan = make_plan(*submission, parsed, parsed.value<std::string>("db"));
  if (!plan) return report_error(usage.verb, plan.error());
  print_plan(std::cout, *plan);
  print_first(std::cout, *plan);
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
