#include "coordinator/cli/hand_in.h"

#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/text.h"
#include "shared/base/shell.h"

namespace firesweep {

int hand_in(std::string_view verb, const Target& target, request::Submit submission) {
  const auto submitted = answer_of<reply::Submitted>(
      control(target, ClientRequest{kClientProtocolVersion, std::move(submission)}));
  if (!submitted) return report_error(verb, submitted.error());

  const std::string sweep = std::to_string(submitted->sweep.value);
  const auto typed = [&](std::vector<std::string> line) {
    const std::vector<std::string> where = words_to(target);
    line.insert(line.end(), where.begin(), where.end());
    return shell_command(line);
  };
  const auto command = [&](const std::vector<std::string>& line) {
    return "  " + typed(line) + "\n";
  };
  const bool finished = submitted->state == SweepState::kFinished;
  std::cout << (!submitted->resumed ? "submitted"
                : finished          ? "nothing to do for"
                                    : "resumed")
            << " sweep " << sweep << " (" << submitted->name << "), " << submitted->trials
            << (submitted->trials == 1 ? " trial" : " trials") << "\n";
  if (submitted->resumed) {
    const std::string woken = said_of_woken(*submitted, words_to(target));
    std::cout << "  the same was submitted before"
              << (woken.empty() ? ", and the sweep is " + std::string(to_string(submitted->state))
                                : std::string())
              << "; no trial runs twice\n";
    if (!woken.empty()) std::cout << "  " << woken << "\n";
  }
  if (const auto namesake = submitted->namesake) {
    const std::string other = std::to_string(namesake->value);
    std::cout << "  sweep " << other
              << " has the same name and other content; to add trials to it, "
              << "type `" << typed({"firesweep", "extend", other, "EDITED_COPY.json"})
              << "` in place of submit\n";
  }
  print_warnings(std::cout, submitted->warnings);
  std::cout << "\nNext:\n"
            << command({"firesweep", "status"}) << command({"firesweep", "leaderboard", sweep});
  if (!submitted->resumed) {
    std::cout << command({"firesweep", "cancel", sweep});
    return kDone;
  }
  std::cout << command({"firesweep", "extend", sweep, "--seeds", "4,5"})
            << command({"firesweep", "extend", sweep, "EDITED_COPY.json"})
            << "  or submit a copy of the file with another name, to run all of it again\n";
  return kDone;
}

std::string said_of_woken(const reply::Submitted& submitted,
                          const std::vector<std::string>& where) {
  if (!submitted.woken_from) return {};
  std::string said = "it was " + std::string(to_string(*submitted.woken_from)) + " and is " +
                     std::string(to_string(submitted.state)) + " now";
  if (submitted.woken_from != SweepState::kPaused) return said;
  std::vector<std::string> pause{"firesweep", "pause", std::to_string(submitted.sweep.value)};
  pause.insert(pause.end(), where.begin(), where.end());
  return said + " (`" + shell_command(pause) + "` pauses it again)";
}

}  // namespace firesweep
