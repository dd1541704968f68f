#include <iostream>
#include <nlohmann/json.hpp>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/sweep_files.h"
#include "coordinator/cli/target.h"
#include "shared/base/shell.h"

namespace firesweep {

namespace po = boost::program_options;

int verb_submit(const Words& words) {
  const Usage usage{
      "submit", "SWEEP.json",
      "Checks a sweep file and hands it to a coordinator, which freezes it in its database.\n"
      "The same file again resumes the sweep it made.",
      1, 1};
  po::options_description options("Options");
  options.add_options()("architectures", po::value<std::string>()->value_name("DIR"),
                        "folder of architecture files (default: near the sweep file)");
  add_target_options(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;

  auto target = target_of(parsed);
  if (!target) return report_error(usage.verb, target.error());
  auto submission = read_submission(parsed.positional[0], parsed.get<std::string>("architectures"));
  if (!submission) return report_error(usage.verb, submission.error());
  const auto reply = control(*target, ClientRequest{kProtocolVersion, std::move(*submission)});
  if (!reply) return report_error(usage.verb, reply.error());

  const auto answer = nlohmann::json::parse(*reply);
  const std::string sweep = std::to_string(answer.at("sweep").get<std::int64_t>());
  const auto command = [&](std::vector<std::string> line) {
    const std::vector<std::string> where = words_to(*target);
    line.insert(line.end(), where.begin(), where.end());
    return "  " + shell_command(line) + "\n";
  };
  const auto trials = answer.at("trials").get<std::int64_t>();
  std::cout << (answer.at("resumed").get<bool>() ? "resumed" : "submitted") << " sweep " << sweep
            << " (" << answer.at("name").get<std::string>() << "), " << trials
            << (trials == 1 ? " trial" : " trials") << "\n\nNext:\n"
            << command({"firesweep", "status"}) << command({"firesweep", "leaderboard", sweep})
            << command({"firesweep", "cancel", sweep});
  return kDone;
}

}  // namespace firesweep
