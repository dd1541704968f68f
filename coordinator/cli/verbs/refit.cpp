#include <algorithm>
#include <iostream>

#include "coordinator/cli/exit_codes.h"
#include "coordinator/cli/hand_in.h"
#include "coordinator/cli/run_here.h"
#include "coordinator/cli/target.h"
#include "coordinator/store/lock.h"
#include "shared/codec/refit_sweep.h"

namespace firesweep {
namespace {

namespace po = boost::program_options;

constexpr const char* kHereOnly[] = {"workers", "data-dir", "checkpoint-dir", "threads", "device"};

// Whether the refit goes to a coordinator: one that was named, or whoever serves the database.
bool is_handed_in(const Target& target, const Parsed& parsed) {
  if (!target.database || parsed.has("submit-only")) return true;
  const auto owner = find_owner(*target.database);
  return owner && !owner->address.empty();
}

Result<void> none_of_here(const Parsed& parsed) {
  for (const char* option : kHereOnly) {
    if (!parsed.has(option)) continue;
    return fail(ErrorCode::kBadInput, std::string("--") + option,
                "found this option, but a coordinator's workers will train this refit",
                "leave it out; it applies only when no coordinator serves the database");
  }
  return {};
}

Result<ModelCard> card_of(const Target& target, TrialId trial) {
  const auto text = query(target, {"model", "json", {}, {}, trial});
  if (!text) return tl::unexpected(text.error());
  return decode_model_card(*text, "trial " + to_string(trial));
}

Result<request::Submit> submission_of(const ModelCard& card, const Parsed& parsed) {
  const auto seeds = parse_seeds(parsed.value<std::string>("seeds"));
  if (!seeds) return tl::unexpected(seeds.error());
  auto sweep = refit_sweep(card, *seeds, parsed.get<std::int64_t>("epochs"));
  if (!sweep) return tl::unexpected(sweep.error());
  return request::Submit{
      "refit of " + card.trial, *std::move(sweep), {{card.config.variant, card.architecture}}};
}

}  // namespace

int verb_refit(const Words& words) {
  const Usage usage{
      "refit", "TRIAL",
      "Trains a finished trial's config again with new seeds, on all training images including\n"
      "those held out for validation. Tests each seed once, after the last epoch: that is the\n"
      "number to publish. TRIAL is SWEEP/NUMBER of a finished trial. The new sweep is called\n"
      "refit-of-SWEEP-NUMBER, has protocol refit and is never ranked with other sweeps. If\n"
      "--coordinator is given or a coordinator serves the database, the sweep is submitted there;\n"
      "otherwise it is trained here, as by `firesweep run`. The same command resumes it.",
      1, 1};
  po::options_description options("Options");
  options.add_options()("seeds",
                        po::value<std::string>()->value_name("LIST")->default_value("11,12,13"),
                        "training seeds; the seeds of the trial's own sweep are refused")(
      "epochs", po::value<std::int64_t>()->value_name("N"),
      "train N epochs (default: as many as the trial)")(
      "submit-only",
      "submit the sweep and train nothing here; a later `firesweep serve` trains it");
  add_target_options(options);
  add_run_options(options);
  const Parsed parsed = parse(usage, options, words);
  if (parsed.exit) return *parsed.exit;

  const auto trial = parse_trial(parsed.positional[0]);
  if (!trial) return report_error(usage.verb, trial.error());
  const auto target = target_of(parsed);
  if (!target) return report_error(usage.verb, target.error());
  const bool handed_in = is_handed_in(*target, parsed);
  if (const auto none = none_of_here(parsed); handed_in && !none) {
    return report_error(usage.verb, none.error());
  }
  const auto card = card_of(*target, *trial);
  if (!card) return report_error(usage.verb, card.error());
  auto submission = submission_of(*card, parsed);
  if (!submission) return report_error(usage.verb, submission.error());
  for (const std::string& note : refit_notes(*card, parsed.get<std::int64_t>("epochs"))) {
    std::cout << "note: " << note << "\n";
  }
  const auto& database = target->database;
  if (handed_in || !database) return hand_in(usage.verb, *target, std::move(*submission));
  const auto plan = make_plan(*submission, parsed, database->string());
  if (!plan) return report_error(usage.verb, plan.error());
  return run_here(usage.verb, submission->spec_name, *plan, database->string(), parsed);
}

}  // namespace firesweep
