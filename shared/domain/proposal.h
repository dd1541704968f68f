// What a search that learns has proposed, with what it knew: enough to compute it again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/domain/value.h"

namespace firesweep {

struct Proposal {
  // 0, 1, … within the sweep, in the order of proposing; also the counter of its random numbers.
  std::int64_t point = 0;
  // The point as the sampler sees it: a coordinate per parameter that the sweep searches.
  std::vector<double> at = {};
  // The same as its trials are trained: the values of these parameters.
  std::map<std::string, Value> values = {};
  // It knew the sweep's results with the ordinals 1 … results, and every earlier point.
  std::int64_t results = 0;
  // Earlier points that had no result among these and might still have one, ascending.
  std::vector<std::int64_t> running = {};
  friend bool operator==(const Proposal&, const Proposal&) = default;
};

// An accepted result of such a sweep, in the order of acceptance.
struct SearchResult {
  std::int64_t number = 0;           // of the trial
  std::optional<double> score = {};  // by the sweep's metric; none if it is not a number
  friend bool operator==(const SearchResult&, const SearchResult&) = default;
};

}  // namespace firesweep
