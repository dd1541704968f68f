#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/target.h"

namespace firesweep {

namespace po = boost::program_options;

int verb_release(const Words& words) {
  const Usage usage{
      "release", "WORKER",
      "Ends a worker's quarantine, so that it gets trials again. A worker is quarantined\n"
      "after it lost or failed three different trials in a row; `status` shows it.\n"
      "Failures are counted by name, so every worker of that name is released.",
      1, 1};
  po::options_description options("Options");
  add_target_options(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  const auto target = target_of(parsed);
  if (!target) return report_error(usage.verb, target.error());
  const auto released = answer_of<reply::Released>(control(
      *target, ClientRequest{kClientProtocolVersion, request::Release{parsed.positional[0]}}));
  if (!released) return report_error(usage.verb, released.error());
  std::cout << "released worker " << released->worker << "\n";
  return kDone;
}

}  // namespace firesweep
