#include "coordinator/search/termination/one_epoch.h"

namespace firesweep {

std::optional<Decision> OneEpochTopK::take(const TrialReport& report) {
  if (!compares(options_.min_iter, report)) return std::nullopt;
  Rung& rung = scores_[population_of(report)];
  rung.put(report.trial, report.score);
  const Evidence evidence = compared(rung, report.epoch, report.score, options_.k);
  return Decision{stops(evidence), evidence};
}

bool OneEpochTopK::stops(const Evidence& evidence) const { return evidence.rank > options_.k; }

}  // namespace firesweep
