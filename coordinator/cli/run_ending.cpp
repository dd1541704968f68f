#include "coordinator/cli/run_ending.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "coordinator/cli/exit_codes.h"
#include "shared/base/shell.h"
#include "shared/base/utf8.h"

namespace firesweep {

int exit_code_of(const SweepEnding& ending) {
  if (ending.state == "FAILED") return kSweepFailed;
  if (ending.state != "FINISHED") return kFailedWhileRunning;
  return ending.complete == 0 && ending.trials > 0 ? kSweepFailed : kDone;
}

void print_failures(std::ostream& out, const SweepEnding& ending, const AskFailures& ask,
                    const std::vector<std::string>& where) {
  if (ending.failed == 0) return;
  const std::string sweep = std::to_string(ending.sweep.value);
  out << ending.failed << " of " << ending.trials << (ending.trials == 1 ? " trial" : " trials")
      << " failed";
  if (ending.state == "FAILED") {
    out << ": sweep " << sweep << " is FAILED";
    if (ending.max_failed_trials) out << ", max_failed_trials is " << *ending.max_failed_trials;
  }
  out << "\n";
  if (const auto text = ask()) {
    for (const auto& row : nlohmann::json::parse(*text)) {
      const std::string message = row.at("message").get<std::string>();
      out << "  " << row.at("trials") << " " << row.at("reason").get<std::string>()
          << ", e.g. trial " << row.at("trial").get<std::string>()
          << (message.empty() ? "" : ": " + printable(message.substr(0, message.find('\n'))))
          << "\n";
    }
  }
  std::vector<std::string> command{"firesweep", "retry", sweep, "--failed"};
  command.insert(command.end(), where.begin(), where.end());
  out << "  to run them again: " << shell_command(command) << "\n";
}

}  // namespace firesweep
