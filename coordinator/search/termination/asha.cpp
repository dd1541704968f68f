#include "coordinator/search/termination/asha.h"

#include <algorithm>

namespace firesweep {

namespace {

// How many of the `seen` trials at a rung may go on: none before one in `eta` is a whole trial.
std::int64_t promotable(std::int64_t seen, double eta) {
  return static_cast<double>(seen) >= eta ? places(seen, eta) : 0;
}

}  // namespace

std::vector<std::int64_t> rungs_of(const AshaOptions& options, const TrialReport& report) {
  return rungs_between(first_epoch(options.min_iter, report), report.epochs, options.eta);
}

std::optional<Decision> AshaStopping::take(const TrialReport& report) {
  const auto epochs = rungs_of(options_, report);
  if (!std::ranges::binary_search(epochs, report.epoch)) return std::nullopt;
  Rung& rung = rungs_[population_of(report)][report.epoch];
  rung.put(report.trial, report.score);
  const Evidence evidence =
      compared(rung, report.epoch, report.score, places(rung.size(), options_.eta));
  return Decision{stops(evidence), evidence};
}

bool AshaStopping::stops(const Evidence& evidence) const {
  return evidence.rank > places(evidence.seen, options_.eta);
}

bool AshaPromotion::take(const TrialReport& report) {
  const auto epochs = rungs_of(options_, report);
  Ladder& ladder = ladders_[population_of(report)];
  homes_[report.trial] = population_of(report);
  for (auto& [rung, step] : ladder.steps) {
    if (rung < report.epoch && step.scores.scores().contains(report.trial)) {
      step.promoted.insert(report.trial);
    }
  }
  if (!std::ranges::binary_search(epochs, report.epoch)) return false;
  Ladder::Step& step = ladder.steps[report.epoch];
  step.scores.put(report.trial, report.score);
  return !step.promoted.contains(report.trial);
}

std::optional<Promotion> AshaPromotion::from(std::int64_t rung, const Ladder::Step& step) const {
  const std::int64_t seen = step.scores.size();
  const std::int64_t most = promotable(seen, options_.eta);
  if (static_cast<std::int64_t>(step.promoted.size()) >= most) return std::nullopt;
  std::optional<Promotion> best;
  const double threshold = step.scores.at_rank(most);
  for (const auto& [trial, score] : step.scores.scores()) {
    if (score < threshold || step.promoted.contains(trial)) continue;
    if (best && score <= best->evidence.score) continue;
    best = {trial, compared(step.scores, rung, score, most)};
  }
  return best;
}

std::optional<Promotion> AshaPromotion::next() const {
  std::optional<Promotion> best;
  for (const auto& [population, ladder] : ladders_) {
    for (const auto& [rung, step] : ladder.steps) {
      if (best && rung <= best->evidence.epoch) continue;
      if (auto found = from(rung, step)) best = found;
    }
  }
  return best;
}

void AshaPromotion::promote(const Promotion& promotion) {
  ladders_.at(homes_.at(promotion.trial))
      .steps.at(promotion.evidence.epoch)
      .promoted.insert(promotion.trial);
}

bool AshaPromotion::promotes(const Evidence& evidence) const {
  return evidence.rank <= promotable(evidence.seen, options_.eta);
}

}  // namespace firesweep
