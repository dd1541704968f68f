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

}  // namespace firesweep
