// pause, resume, stop, cancel, retry: what is asked of a sweep, or of one of its trials.
#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/options.h"
#include "coordinator/cli/target.h"
#include "coordinator/store/lock.h"
#include "shared/base/shell.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

po::options_description target_options() {
  po::options_description options("Options");
  add_target_options(options);
  return options;
}

Result<request::Steer> read_steer(request::Verb verb, const std::string& word) {
  if (word.find('/') == std::string::npos) {
    const auto sweep = parse_sweep(word);
    if (!sweep) return tl::unexpected(sweep.error());
    return request::Steer{verb, *sweep, {}};
  }
  const auto trial = parse_trial(word);
  if (!trial) return tl::unexpected(trial.error());
  if (verb != request::Verb::kCancel && verb != request::Verb::kRetry) {
    return fail(ErrorCode::kBadInput, word, "found a trial, expected a sweep",
                "cancel and retry take single trials");
  }
  return request::Steer{verb, sweep_of(*trial), *trial};
}

// What is to be done where the sweep could go on and nobody runs it.
void print_next(const Target& target) {
  if (!target.database || find_owner(*target.database)) return;
  std::vector<std::string> serve{"firesweep", "serve"};
  for (const std::string& word : words_to(target)) serve.push_back(word);
  std::cout << "no coordinator runs it now; to continue: `firesweep run` with its file, or `"
            << shell_command(serve) << "` with workers\n";
}

std::string_view name_of(reply::TrialSteered::Now now) {
  switch (now) {
    case reply::TrialSteered::Now::kWaiting:
      return name_of(TrialState(Waiting{}));
    case reply::TrialSteered::Now::kStopping:
      return name_of(TrialState(Stopping{}));
    case reply::TrialSteered::Now::kCancelled:
      return name_of(TrialState(Cancelled{}));
  }
  return {};
}

void print(const reply::TrialSteered& steered, const Target& target) {
  std::cout << "trial " << to_string(steered.trial) << " is " << name_of(steered.now) << "\n";
  if (steered.now == reply::TrialSteered::Now::kWaiting) print_next(target);
}

// "sweep 3 is PAUSED: 12 waiting, 2 held by workers, 40 complete".
void print(const reply::SweepSteered& steered, const Target& target) {
  std::cout << "sweep " << steered.sweep.value << " is " << to_string(steered.state) << ": ";
  if (steered.retried > 0) std::cout << steered.retried << " retried, ";
  std::cout << steered.waiting << " waiting, " << steered.live << " held by workers, "
            << steered.complete << " complete";
  if (steered.cancelled > 0) std::cout << ", " << steered.cancelled << " cancelled";
  std::cout << "\n";
  if (steered.state == SweepState::kRunning) print_next(target);
}

template <class Answer>
int report(const Usage& usage, const Target& target, ClientReply reply) {
  const auto answer = answer_of<Answer>(std::move(reply));
  if (!answer) return report_error(usage.verb, answer.error());
  print(*answer, target);
  return kDone;
}

int run_steer(const Usage& usage, request::Verb verb, const Parsed& parsed) {
  const auto steer = read_steer(verb, parsed.positional[0]);
  if (!steer) return report_error(usage.verb, steer.error());
  const auto target = target_of(parsed);
  if (!target) return report_error(usage.verb, target.error());
  ClientReply reply = control(*target, ClientRequest{kClientProtocolVersion, *steer});
  return steer->trial ? report<reply::TrialSteered>(usage, *target, std::move(reply))
                      : report<reply::SweepSteered>(usage, *target, std::move(reply));
}

int steer(const Usage& usage, request::Verb verb, const Words& words) {
  const Parsed parsed = parse(usage, target_options(), words);
  return parsed.exit ? *parsed.exit : run_steer(usage, verb, parsed);
}

}  // namespace

int verb_pause(const Words& words) {
  return steer({"pause", "SWEEP",
                "Starts no more trials of a sweep. Running trials continue to their end.", 1, 1},
               request::Verb::kPause, words);
}

int verb_resume(const Words& words) {
  return steer({"resume", "SWEEP", "Continues a sweep that is PAUSED, STOPPED or FAILED.", 1, 1},
               request::Verb::kResume, words);
}

int verb_stop(const Words& words) {
  return steer(
      {"stop", "SWEEP",
       "Stops a sweep: running trials write a checkpoint and wait. `resume` continues them from\n"
       "there.",
       1, 1},
      request::Verb::kStop, words);
}

int verb_cancel(const Words& words) {
  return steer(
      {"cancel", "SWEEP | SWEEP/TRIAL",
       "Cancels a sweep for good: running trials are stopped, finished results are kept. Or\n"
       "cancels one trial of it.",
       1, 1},
      request::Verb::kCancel, words);
}

int verb_retry(const Words& words) {
  const Usage usage{
      "retry", "SWEEP --failed | SWEEP/TRIAL",
      "Runs a sweep's failed trials again, from their checkpoints and with all their\n"
      "restarts. Or runs one failed or cancelled trial again.",
      1, 1};
  po::options_description options = target_options();
  options.add_options()("failed", "every trial of SWEEP that has failed");
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;
  const std::string& word = parsed.positional[0];
  const bool whole = word.find('/') == std::string::npos;
  if (whole != parsed.has("failed")) {
    return report_error(usage.verb,
                        {ErrorCode::kBadInput, word,
                         whole ? "found a sweep without --failed" : "found one trial with --failed",
                         "`firesweep retry SWEEP --failed` or `firesweep retry SWEEP/TRIAL`"});
  }
  return run_steer(usage, request::Verb::kRetry, parsed);
}

}  // namespace firesweep
