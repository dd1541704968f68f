#include "coordinator/cli/hand_in.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/sweep_files.h"
#include "coordinator/cli/target.h"

namespace firesweep {

namespace po = boost::program_options;

int verb_submit(const Words& words) {
  const Usage usage{
      "submit", "SWEEP.json",
      "Checks a sweep file and submits it to a coordinator, which stores a copy in its database.\n"
      "If the file was submitted before, that sweep goes on, also if it was paused or stopped:\n"
      "nothing runs twice. A finished one stays so; the reply shows how to extend or copy it.",
      1, 1};
  po::options_description options("Options");
  add_architectures_option(options);
  add_set_option(options);
  add_target_options(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;

  auto target = target_of(parsed);
  if (!target) return report_error(usage.verb, target.error());
  auto submission = read_submission(parsed.positional[0], parsed.get<std::string>("architectures"),
                                    settings_of(parsed));
  if (!submission) return report_error(usage.verb, submission.error());
  return hand_in(usage.verb, *target, std::move(*submission));
}

}  // namespace firesweep
