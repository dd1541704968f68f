// A trial stops whose score is too low (Optuna's ThresholdPruner; Prechelt, Early Stopping — But
// When?, in Neural Networks: Tricks of the Trade, 1998, has criteria on one curve). Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "coordinator/search/termination/terminator.h"

namespace firesweep {

struct ThresholdOptions {
  std::optional<std::int64_t> min_iter = {};  // see first_epoch
  double at_least = 0;                        // the score to have from then on
};

class ThresholdStopping : public Terminator {
 public:
  explicit ThresholdStopping(const ThresholdOptions& options) : options_(options) {}
  std::optional<Decision> take(const TrialReport& report) override;
  bool stops(const Evidence& evidence) const override;

 private:
  ThresholdOptions options_;
};

}  // namespace firesweep
