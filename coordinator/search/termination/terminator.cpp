#include "coordinator/search/termination/terminator.h"

#include <cmath>
#include <limits>

namespace firesweep {

double ordered_score(double score) {
  return std::isnan(score) ? -std::numeric_limits<double>::infinity() : score;
}

}  // namespace firesweep
