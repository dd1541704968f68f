#include "coordinator/cli/saving.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "coordinator/core/work.h"
#include "coordinator/search/termination/make.h"
#include "shared/base/splitmix.h"

namespace firesweep {
namespace {

constexpr std::int64_t kMostTrials = 2'000;
constexpr std::uint64_t kSweeps = 40;  // of each kind
constexpr double kLeftOut = 0.05;      // at either end

struct Planned {
  TrialReport report;  // before its first epoch
  double work = 0;     // of an epoch
};

std::vector<Planned> planned(const TrialSpace& space, const EarlyTermination& rules,
                             std::span<const std::int64_t> order) {
  std::vector<Planned> trials;
  for (const std::int64_t number : order) {
    const auto config = space.config(number);
    if (!config || config->epochs < 1) continue;
    const double work = work_of(space.frozen(), *config, space.cost(*config));
    trials.push_back(
        {report_of(number, *config, rules), work / static_cast<double>(config->epochs)});
    if (static_cast<std::int64_t>(trials.size()) == kMostTrials) break;
  }
  return trials;
}

double work_of_all(const std::vector<Planned>& trials) {
  double all = 0;
  for (const Planned& one : trials) all += one.work * static_cast<double>(one.report.epochs);
  return all;
}

// Made-up scores of one sweep.
struct Scores {
  std::uint64_t seed = 0;
  bool rank_anew = false;  // after each epoch
  double of(const TrialReport& report) const {
    const std::uint64_t turn = rank_anew ? static_cast<std::uint64_t>(report.epoch) : 0;
    return unit_of(
        splitmix64_at(splitmix64(seed) + turn, static_cast<std::uint64_t>(report.trial)));
  }
};

// The work that one sweep does; its running trials take turns.
double work_with(Terminator& terminator, const std::vector<Planned>& trials, std::size_t slots,
                 const Scores& scores) {
  double done = 0;
  std::size_t next = 0;
  std::vector<Planned> running;
  while (next < trials.size() || !running.empty()) {
    while (running.size() < slots && next < trials.size()) running.push_back(trials[next++]);
    std::erase_if(running, [&](Planned& one) {
      TrialReport& report = one.report;
      ++report.epoch;
      done += one.work;
      report.score = scores.of(report);
      const auto decision = terminator.take(report);
      return report.epoch == report.epochs || (decision && decision->stop);
    });
  }
  return done;
}

// The same, where trials wait at rungs and the best of them go on before others begin.
double work_with(RungPromotion& promotion, const std::vector<Planned>& trials, std::size_t slots,
                 const Scores& scores) {
  double done = 0;
  std::size_t next = 0;
  std::map<std::int64_t, Planned> by_number;
  for (const Planned& one : trials) by_number.emplace(one.report.trial, one);
  std::vector<Planned> running;
  Outlook outlook;
  outlook.more = [&](const Population& population, std::int64_t rung) {
    return next < trials.size() || std::ranges::any_of(
                                       running,
                                       [&](const Planned& one) {
                                         return population_of(one.report) == population &&
                                                promotion.rung_of(one.report.trial) < rung;
                                       });
  };
  const auto fill = [&] {
    while (running.size() < slots) {
      if (const auto best = promotion.next(outlook)) {
        promotion.promote(*best);
        running.push_back(by_number.at(best->trial));
        running.back().report.epoch = best->evidence.epoch;
      } else if (next < trials.size()) {
        running.push_back(trials[next++]);
      } else {
        return;
      }
    }
  };
  for (fill(); !running.empty(); fill()) {
    std::vector<Planned> left;
    for (Planned& one : running) {
      TrialReport& report = one.report;
      ++report.epoch;
      done += one.work;
      report.score = scores.of(report);
      if (!promotion.take(report) && report.epoch < report.epochs) left.push_back(one);
    }
    running = std::move(left);
  }
  return done;
}

double saved(const EarlyTermination& rules, std::int64_t search_seed,
             const std::vector<Planned>& trials, std::size_t slots, const Scores& scores) {
  const double all = work_of_all(trials);
  if (all <= 0) return 0;
  if (const auto promotion = make_promotion(rules)) {
    return 1 - work_with(*promotion, trials, slots, scores) / all;
  }
  const auto terminator = make_terminator(rules, search_seed);
  return 1 - work_with(*terminator, trials, slots, scores) / all;
}

}  // namespace

std::optional<Saving> saving_of(const TrialSpace& space, std::int64_t slots,
                                std::span<const std::int64_t> order) {
  const auto& rules = space.frozen().spec.early_terminate;
  if (!rules || rules->type == Termination::kThreshold || rules->type == Termination::kPlateau) {
    return std::nullopt;
  }
  const std::vector<Planned> trials = planned(space, *rules, order);
  Saving saving{1, 0};
  for (const bool rank_anew : {false, true}) {
    std::vector<double> shares;
    for (std::uint64_t seed = 0; seed < kSweeps; ++seed) {
      shares.push_back(saved(*rules, space.frozen().spec.search_seed, trials,
                             static_cast<std::size_t>(std::max<std::int64_t>(slots, 1)),
                             {seed, rank_anew}));
    }
    std::ranges::sort(shares);
    const auto left_out = static_cast<std::size_t>(kLeftOut * static_cast<double>(kSweeps));
    saving.least = std::min(saving.least, shares[left_out]);
    saving.most = std::max(saving.most, shares[shares.size() - 1 - left_out]);
  }
  return saving;
}

}  // namespace firesweep
