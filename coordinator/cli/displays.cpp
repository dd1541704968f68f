#include "coordinator/cli/displays.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "coordinator/cli/display_plain.h"
#include "coordinator/cli/display_terminal.h"
#include "coordinator/cli/text.h"
#include "coordinator/core/work.h"
#include "coordinator/report/render/human.h"
#include "shared/base/overloaded.h"

namespace firesweep {
namespace {

class QuietDisplay final : public Display {
 public:
  void committed(std::span<const Record>) override {}
  void refresh(const Overview&) override {}
  void knows(SweepId, std::shared_ptr<const FrozenSweep>) override {}
  void say(const std::string&) override {}
  void close() override {}
};

}  // namespace

bool can_paint(const char* term) {
  return term != nullptr && *term != '\0' && std::string_view(term) != "dumb";
}

std::unique_ptr<Display> make_display(DisplayKind wanted) {
  if (wanted == DisplayKind::kNothing) return std::make_unique<QuietDisplay>();
  const bool picture = wanted == DisplayKind::kPicture && ::isatty(STDOUT_FILENO) == 1 &&
                       can_paint(std::getenv("TERM"));
  if (picture) return std::make_unique<TerminalDisplay>();
  return std::make_unique<PlainDisplay>();
}

void TrialNews::knows(SweepId sweep, std::shared_ptr<const FrozenSweep> frozen) {
  sweeps_[sweep] = std::move(frozen);
}

std::string TrialNews::line_for(const Record& record) {
  const auto name = [&](TrialId trial) {
    const auto known = trials_.find(trial);
    return "trial " + to_string(trial) + (known == trials_.end() ? "" : " " + known->second.label);
  };
  const auto with_worker = [&](TrialId trial) {
    const auto known = trials_.find(trial);
    return known == trials_.end() ? "" : " with " + known->second.worker;
  };
  const auto label = [&](TrialId trial, const TrialConfig& config) {
    const auto sweep = sweeps_.find(sweep_of(trial));
    return sweep == sweeps_.end() ? config.variant : label_of(sweep->second->spec, config);
  };
  return std::visit(
      Overloaded{[&](const record::SweepAdded& added) {
                   knows(added.sweep, added.frozen);
                   return std::string();
                 },
                 [&](const record::AttemptOpened& opened) {
                   trials_[opened.key.trial] = {label(opened.key.trial, opened.description.config),
                                                opened.worker};
                   return std::string();
                 },
                 [&](const record::AttemptStarted& started) {
                   if (!started.checkpoint_missed || started.resumed_from_epoch > 0) {
                     return std::string();
                   }
                   return "! " + name(started.key.trial) +
                          "  begins from nothing: the checkpoint it could go on from was not found";
                 },
                 [&](const record::ResultAccepted& accepted) {
                   const TrialResult& result = accepted.result;
                   std::string line = "✓ " + name(accepted.key.trial);
                   if (result.val_accuracy) line += "  val " + human_percent(*result.val_accuracy);
                   line += "  test " + human_percent(result.test_accuracy) + "  " +
                           human_number(static_cast<double>(result.params)) + " params  " +
                           clock_time(result.train_seconds);
                   trials_.erase(accepted.key.trial);
                   return line;
                 },
                 [&](const record::AttemptEnded& ended) {
                   const std::string reason =
                       ended.reason ? std::string(to_string(*ended.reason)) : "";
                   const std::string message = ended.message.empty() ? "" : ": " + ended.message;
                   switch (ended.end) {
                     case AttemptEnd::kErrored:
                       return "✗ " + name(ended.key.trial) + "  attempt " +
                              std::to_string(ended.key.attempt.value) + " " + reason + message;
                     case AttemptEnd::kLost:
                       return "! " + name(ended.key.trial) + "  attempt " +
                              std::to_string(ended.key.attempt.value) + " lost" +
                              with_worker(ended.key.trial) + message;
                     case AttemptEnd::kHandedBack:
                       return "↩ " + name(ended.key.trial) + "  handed back with its checkpoint";
                     case AttemptEnd::kFinished:
                     case AttemptEnd::kUnstarted:
                       return std::string();
                   }
                   return std::string();
                 },
                 [&](const record::ResultReused& reused) {
                   return "✓ trial " + to_string(reused.trial) + " " +
                          label(reused.trial, reused.description.config) + "  reused from trial " +
                          to_string(reused.from);
                 },
                 [&](const record::TrialRacedOut& out) {
                   const RaceEvidence& on = out.evidence;
                   return "– trial " + to_string(out.trial) + " " +
                          label(out.trial, out.description.config) + "  not started: after " +
                          std::to_string(on.seeds) + " of " + std::to_string(on.of_seeds) +
                          " seeds not among the best " + std::to_string(on.top);
                 },
                 [&](const record::TrialChanged& changed) {
                   const auto* failed = std::get_if<Failed>(&changed.state);
                   if (failed == nullptr) return std::string();
                   return "✗ " + name(changed.trial) + "  FAIL(" +
                          std::string(to_string(failed->reason)) + ")" +
                          (changed.message.empty() ? "" : ": " + changed.message);
                 },
                 [](const auto&) { return std::string(); }},
      record);
}

}  // namespace firesweep
