#include "coordinator/search/termination/threshold.h"

namespace firesweep {

std::optional<Decision> ThresholdStopping::take(const TrialReport& report) {
  if (report.epoch < first_epoch(options_.min_iter, report) || report.epoch >= report.epochs)
    return std::nullopt;
  const Evidence evidence{.epoch = report.epoch,
                          .score = ordered_score(report.score),
                          .threshold = options_.at_least,
                          .seen = 1};
  return Decision{stops(evidence), evidence};
}

bool ThresholdStopping::stops(const Evidence& evidence) const {
  return evidence.score < evidence.threshold;
}

}  // namespace firesweep
