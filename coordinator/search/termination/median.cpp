#include "coordinator/search/termination/median.h"

#include <algorithm>
#include <limits>

namespace firesweep {

std::optional<Decision> MedianStopping::take(const TrialReport& report) {
  Curves& curves = curves_[population_of(report)];
  auto& curve = curves.by_trial[report.trial];
  curve[report.epoch] = ordered_score(report.score);
  // A repeated epoch changes the means after it.
  double sum = 0;
  double count = 0;
  double best = -std::numeric_limits<double>::infinity();
  for (const auto& [epoch, score] : curve) {
    sum += score;
    ++count;
    if (epoch <= report.epoch) best = std::max(best, score);
    if (epoch >= report.epoch) curves.means[epoch].put(report.trial, sum / count);
  }
  if (report.epoch < first_epoch(options_.min_iter, report) || report.epoch >= report.epochs)
    return std::nullopt;
  Rung& means = curves.means.at(report.epoch);
  const double mean = means.scores().at(report.trial);
  means.remove(report.trial);
  const auto decision = judge(means, report.epoch, best);
  means.put(report.trial, mean);
  return decision;
}

std::optional<Decision> MedianStopping::judge(const Rung& others, std::int64_t epoch,
                                              double best) const {
  if (others.size() < options_.min_others) return std::nullopt;
  // Of an even number the mean of the middle two.
  const std::int64_t upper = (others.size() + 1) / 2;
  const std::int64_t lower = others.size() / 2 + 1;
  const double median = (others.at_rank(upper) + others.at_rank(lower)) / 2;
  const Evidence evidence{.epoch = epoch,
                          .score = best,
                          .threshold = median,
                          .rank = others.rank(best),
                          .seen = others.size() + 1};
  return Decision{stops(evidence), evidence};
}

bool MedianStopping::stops(const Evidence& evidence) const {
  return evidence.score < evidence.threshold;
}

}  // namespace firesweep
