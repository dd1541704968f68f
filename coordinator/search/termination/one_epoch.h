// The baseline that is hard to beat: after one epoch only the best k of all trials go on, to the
// end (Egele, Guyon, Sun, Balaprakash: Is One Epoch All You Need For Multi-Fidelity Hyperparameter
// Optimization?, ESANN 2023, arXiv:2307.15422). The paper chooses them once all have trained their
// epoch: RungPromotion does (promotion.h). Here nobody waits: a trial goes on if it is among the
// best k of those that have come to that epoch so far, so that the paper's k are among those that
// go on, with some early ones that were overtaken later (of n in random order about k × (1 + ln(n /
// k)) in all). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "coordinator/search/termination/rungs.h"

namespace firesweep {

struct OneEpochOptions {
  std::optional<std::int64_t> min_iter = {};  // the epoch of the comparison; the first one
  std::int64_t k = 3;                         // at least 1
};

class OneEpochTopK : public Terminator {
 public:
  explicit OneEpochTopK(const OneEpochOptions& options) : options_(options) {}
  std::optional<Decision> take(const TrialReport& report) override;
  bool stops(const Evidence& evidence) const override;

  // Whether the trial is compared after the epoch that it reports.
  static bool compares(const std::optional<std::int64_t>& min_iter, const TrialReport& report) {
    return report.epoch == min_iter.value_or(1) && report.epoch < report.epochs;
  }

 private:
  OneEpochOptions options_;
  std::map<Population, Rung> scores_;
};

}  // namespace firesweep
