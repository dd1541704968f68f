// Which points of a sweep get further seeds: the sweep's "racing".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace firesweep {

struct Racing {
  std::int64_t top = 1;  // of each group so many points are looked for, at least 1
  double level = 0.05;   // the largest chance that one of them gets no further seeds
  // Points are compared with those that have the same values of these parameters.
  std::vector<std::string> group_by = {"variant"};
  friend bool operator==(const Racing&, const Racing&) = default;
};

// A sweep with more trials than these does not race: its points are compared all at once.
inline constexpr std::int64_t kMostRacedTrials = 100'000;

}  // namespace firesweep
