#include "coordinator/search/termination/asha.h"

#include <algorithm>

namespace firesweep {

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
  if (!std::ranges::binary_search(epochs, report.epoch)) return false;
  const std::int64_t trial = report.trial;
  Ladder& ladder = ladders_[population_of(report)];
  Home& home = homes_.try_emplace(trial, population_of(report)).first->second;
  Step& step = ladder[report.epoch];
  if (const auto before = ladder.find(home.rung);
      before != ladder.end() && report.epoch >= home.rung) {
    before->second.leave(trial);
  }
  step.scores.put(trial, report.score);
  home.rung = std::max(home.rung, report.epoch);
  if (home.rung != report.epoch || step.promoted.contains(trial)) return false;
  step.waiting.emplace(-step.scores.scores().at(trial), trial);
  return true;
}

std::optional<Promotion> AshaPromotion::best_of(
    std::int64_t rung, const Step& step, bool closed,
    const std::function<bool(std::int64_t)>& may) const {
  const std::int64_t seen = step.scores.size();
  const bool enough = closed || static_cast<double>(seen) >= options_.eta;
  const std::int64_t most = enough && seen > 0 ? places(seen, options_.eta) : 0;
  if (!closed && static_cast<std::int64_t>(step.promoted.size()) >= most) return std::nullopt;
  for (const auto& [score, trial] : step.waiting) {
    if (step.scores.rank_of(trial) > most) break;
    if (!may || may(trial)) return Promotion{trial, compared_in(step, rung, trial)};
  }
  return std::nullopt;
}

std::optional<Promotion> AshaPromotion::next(const Outlook& outlook) const {
  std::optional<Promotion> best;
  for (const auto& [population, ladder] : ladders_) {
    bool closed = static_cast<bool>(outlook.more);
    for (const auto& [rung, step] : ladder) {
      closed = closed && !outlook.more(population, rung);
      auto found = best_of(rung, step, closed, outlook.ready);
      if (found && (!best || rung > best->evidence.epoch)) best = found;
      const auto& alive = outlook.alive ? outlook.alive : outlook.ready;
      closed = closed && !best_of(rung, step, closed, alive);
    }
  }
  return best;
}

void AshaPromotion::promote(const Promotion& promotion) {
  const auto home = homes_.find(promotion.trial);
  if (home == homes_.end()) return;
  Ladder& ladder = ladders_.at(home->second.population);
  const auto step = ladder.find(promotion.evidence.epoch);
  if (step == ladder.end()) return;
  step->second.promoted.insert(promotion.trial);
  step->second.leave(promotion.trial);
}

void AshaPromotion::Step::leave(std::int64_t trial) {
  const auto score = scores.scores().find(trial);
  if (score != scores.scores().end()) waiting.erase({-score->second, trial});
}

std::int64_t AshaPromotion::rung_of(std::int64_t trial) const {
  const auto home = homes_.find(trial);
  return home == homes_.end() ? 0 : home->second.rung;
}

bool AshaPromotion::waits(std::int64_t trial) const {
  const auto home = homes_.find(trial);
  return home != homes_.end() && !step_of(home->second).promoted.contains(trial);
}

Evidence AshaPromotion::standing(std::int64_t trial) const {
  const Home& home = homes_.at(trial);
  return compared_in(step_of(home), home.rung, trial);
}

Evidence AshaPromotion::compared_in(const Step& step, std::int64_t rung, std::int64_t trial) const {
  const double score = step.scores.scores().at(trial);
  Evidence evidence = compared(step.scores, rung, score, places(step.scores.size(), options_.eta));
  evidence.rank = step.scores.rank_of(trial);
  return evidence;
}

bool AshaPromotion::promotes(const Evidence& evidence) const {
  return evidence.rank <= places(evidence.seen, options_.eta);
}

}  // namespace firesweep
