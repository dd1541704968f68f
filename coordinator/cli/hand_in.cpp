#include "coordinator/cli/hand_in.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "coordinator/cli/exit_codes.h"
#include "shared/base/shell.h"

namespace firesweep {

int hand_in(std::string_view verb, const Target& target, request::Submit submission) {
  const auto reply = control(target, ClientRequest{kProtocolVersion, std::move(submission)});
  if (!reply) return report_error(verb, reply.error());

  const auto answer = nlohmann::json::parse(*reply);
  const std::string sweep = std::to_string(answer.at("sweep").get<std::int64_t>());
  const auto command = [&](std::vector<std::string> line) {
    const std::vector<std::string> where = words_to(target);
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
