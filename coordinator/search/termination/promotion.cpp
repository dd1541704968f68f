#include "coordinator/search/termination/promotion.h"

#include <algorithm>

namespace firesweep {

bool RungPromotion::is_rung(const TrialReport& report) const {
  if (k_) return OneEpochTopK::compares(options_.min_iter, report);
  return std::ranges::binary_search(rungs_of(options_, report), report.epoch);
}

std::int64_t RungPromotion::most_of(std::int64_t seen) const {
  return k_ ? *k_ : places(seen, options_.eta);
}

bool RungPromotion::take(const TrialReport& report) {
  if (!is_rung(report)) return false;
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

std::int64_t RungPromotion::open_ranks(const Step& step, bool closed) const {
  const std::int64_t seen = step.scores.size();
  const bool enough = closed || (!k_ && static_cast<double>(seen) >= options_.eta);
  return enough && seen > 0 ? most_of(seen) : 0;
}

std::optional<Promotion> RungPromotion::best_of(std::int64_t rung, const Step& step, bool closed,
                                                const May& may) const {
  const std::int64_t most = open_ranks(step, closed);
  if (!closed && std::ssize(step.promoted) >= most) return std::nullopt;
  for (const auto& [score, trial] : step.waiting) {
    if (step.scores.rank_of(trial) > most) break;
    if (!may || may(trial)) return Promotion{trial, compared_in(step, rung, trial)};
  }
  return std::nullopt;
}

void RungPromotion::each_rung(
    const Outlook& outlook,
    const std::function<void(std::int64_t, const Step&, bool)>& visit) const {
  const May& alive = outlook.alive ? outlook.alive : outlook.ready;
  for (const auto& [population, ladder] : ladders_) {
    bool closed = static_cast<bool>(outlook.more);
    for (const auto& [rung, step] : ladder) {
      closed = closed && !outlook.more(population, rung);
      visit(rung, step, closed);
      closed = closed && !best_of(rung, step, closed, alive);
    }
  }
}

std::optional<Promotion> RungPromotion::next(const Outlook& outlook) const {
  std::optional<Promotion> best;
  each_rung(outlook, [&](std::int64_t rung, const Step& step, bool closed) {
    auto found = best_of(rung, step, closed, outlook.ready);
    if (found && (!best || rung > best->evidence.epoch)) best = found;
  });
  return best;
}

std::vector<AtRung> RungPromotion::waiting(const Outlook& outlook) const {
  const May& alive = outlook.alive ? outlook.alive : outlook.ready;
  std::vector<AtRung> all;
  each_rung(outlook, [&](std::int64_t rung, const Step& step, bool closed) {
    const std::int64_t most = open_ranks(step, closed);
    std::int64_t left = closed ? most : most - std::ssize(step.promoted);
    for (const auto& [score, trial] : step.waiting) {
      if (alive && !alive(trial)) continue;
      AtRung one{trial, compared_in(step, rung, trial)};
      const bool ready = !outlook.ready || outlook.ready(trial);
      one.goes_on = ready && left > 0 && one.evidence.rank <= most;
      if (one.goes_on) --left;
      all.push_back(one);
    }
  });
  return all;
}

void RungPromotion::promote(const Promotion& promotion) {
  const auto home = homes_.find(promotion.trial);
  if (home == homes_.end()) return;
  Ladder& ladder = ladders_.at(home->second.population);
  const auto step = ladder.find(promotion.evidence.epoch);
  if (step == ladder.end()) return;
  step->second.promoted.insert(promotion.trial);
  step->second.leave(promotion.trial);
}

void RungPromotion::Step::leave(std::int64_t trial) {
  const auto score = scores.scores().find(trial);
  if (score != scores.scores().end()) waiting.erase({-score->second, trial});
}

std::int64_t RungPromotion::rung_of(std::int64_t trial) const {
  const auto home = homes_.find(trial);
  return home == homes_.end() ? 0 : home->second.rung;
}

bool RungPromotion::waits(std::int64_t trial) const {
  const auto home = homes_.find(trial);
  return home != homes_.end() && !step_of(home->second).promoted.contains(trial);
}

Evidence RungPromotion::standing(std::int64_t trial) const {
  const Home& home = homes_.at(trial);
  return compared_in(step_of(home), home.rung, trial);
}

Evidence RungPromotion::compared_in(const Step& step, std::int64_t rung, std::int64_t trial) const {
  const double score = step.scores.scores().at(trial);
  Evidence evidence = compared(step.scores, rung, score, most_of(step.scores.size()));
  evidence.rank = step.scores.rank_of(trial);
  return evidence;
}

bool RungPromotion::promotes(const Evidence& evidence) const {
  return evidence.rank <= most_of(evidence.seen);
}

}  // namespace firesweep
