#include "coordinator/search/termination/plateau.h"

#include <algorithm>
#include <limits>

namespace firesweep {

std::optional<Decision> PlateauStopping::take(const TrialReport& report) {
  auto& curve = curves_[report.trial];
  curve[report.epoch] = ordered_score(report.score);
  if (report.epoch < first_epoch(options_.min_iter, report) || report.epoch >= report.epochs)
    return std::nullopt;
  double before = -std::numeric_limits<double>::infinity();
  double lately = before;
  const std::int64_t strip = report.epoch - options_.patience;
  if (curve.begin()->first > strip) return std::nullopt;
  for (const auto& [epoch, score] : curve) {
    if (epoch > report.epoch) break;
    double& best = epoch > strip ? lately : before;
    best = std::max(best, score);
  }
  const Evidence evidence{.epoch = report.epoch,
                          .score = lately,
                          .threshold = before + options_.min_delta,
                          .seen = report.epoch};
  return Decision{stops(evidence), evidence};
}

bool PlateauStopping::stops(const Evidence& evidence) const {
  return evidence.score <= evidence.threshold;
}

}  // namespace firesweep
