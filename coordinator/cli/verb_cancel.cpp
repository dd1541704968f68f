#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/target.h"

namespace firesweep {

namespace po = boost::program_options;

int verb_cancel(const Words& words) {
  const Usage usage{
      "cancel", "SWEEP | SWEEP/TRIAL",
      "Cancels a sweep (its running trials are stopped, what is done stays) or one trial of it.", 1,
      1};
  po::options_description options("Options");
  add_target_options(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;

  request::Cancel cancel;
  if (parsed.positional[0].find('/') == std::string::npos) {
    auto sweep = parse_sweep(parsed.positional[0]);
    if (!sweep) return report_error(usage.verb, sweep.error());
    cancel.sweep = *sweep;
  } else {
    auto trial = parse_trial(parsed.positional[0]);
    if (!trial) return report_error(usage.verb, trial.error());
    cancel.sweep = sweep_of(*trial);
    cancel.trial = *trial;
  }
  auto target = target_of(parsed);
  if (!target) return report_error(usage.verb, target.error());
  const auto reply = control(*target, ClientRequest{kProtocolVersion, cancel});
  if (!reply) return report_error(usage.verb, reply.error());
  std::cout << "cancelled " << (cancel.trial ? "trial " : "sweep ") << parsed.positional[0] << "\n";
  return kDone;
}

}  // namespace firesweep
