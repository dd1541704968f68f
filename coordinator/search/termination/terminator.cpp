#include "coordinator/search/termination/terminator.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace firesweep {

std::int64_t first_epoch(const std::optional<std::int64_t>& min_iter, const TrialReport& report) {
  return min_iter.value_or(std::max((report.epochs + 2) / 3, report.warmup + 1));
}

double ordered_score(double score) {
  return std::isnan(score) ? -std::numeric_limits<double>::infinity() : score;
}

}  // namespace firesweep
