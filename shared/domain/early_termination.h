// Which trials of a sweep are stopped before their last epoch: the sweep's "early_terminate".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/domain/choices.h"

namespace firesweep {

struct EarlyTermination {
  Termination type = Termination::kAsha;
  // The first epoch at which a trial may be stopped. By default a third of its epochs, past the
  // warm-up; of one_epoch_top_k the first one.
  std::optional<std::int64_t> min_iter = {};
  // Trials are compared with those that have the same values of these parameters.
  std::vector<std::string> group_by = {"variant"};
  double eta = 3;  // asha, hyperband: one trial in eta goes on; above 1
  // asha: trials wait at their rung, with their checkpoint, until one of the places there is
  // theirs. Otherwise they go on or are stopped for good as they come there.
  bool promotion = false;
  std::int64_t min_others = 5;  // median: trials to compare with, at least 1
  double at_least = 0;          // threshold: the score to have
  std::int64_t patience = 5;    // plateau: epochs without improvement, at least 1
  double min_delta = 0;         // plateau: what counts as improvement
  std::int64_t k = 3;           // one_epoch_top_k: trials that go on, at least 1
  friend bool operator==(const EarlyTermination&, const EarlyTermination&) = default;
};

}  // namespace firesweep
