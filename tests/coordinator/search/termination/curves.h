// Made-up learning curves, and searches that train them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "coordinator/search/termination/terminator.h"
#include "shared/base/splitmix.h"

namespace firesweep {

// Rises to an end of its own at a pace of its own; few values, so that some are equal.
inline double made_up_score(std::int64_t trial, std::int64_t epoch) {
  const auto counter = static_cast<std::uint64_t>(trial);
  const double end = unit_of(splitmix64_at(1, counter));
  const double pace = 1 + 5 * unit_of(splitmix64_at(2, counter));
  const double at = end * (1 - std::exp(-static_cast<double>(epoch) / pace));
  return std::round(at * 50) / 50;
}

// The reports of trials that run at once: `workers` of them take turns by the seed; a trial that
// the terminator stops gives its place to the next.
struct Judged {
  TrialReport report;
  std::optional<Decision> decision;
};
inline std::vector<Judged> search(Terminator& terminator, std::int64_t trials, std::int64_t epochs,
                                  std::size_t workers, std::uint64_t seed) {
  std::vector<Judged> judged;
  std::vector<TrialReport> running;
  std::int64_t begun = 0;
  for (std::uint64_t turn = 0;; ++turn) {
    while (running.size() < workers && begun < trials) {
      running.push_back({begun, 0, epochs, 0, begun % 3 == 0 ? "a" : "b"});
      ++begun;
    }
    if (running.empty()) return judged;
    const std::size_t at = splitmix64_at(seed, turn) % running.size();
    TrialReport& next = running[at];
    ++next.epoch;
    next.score = made_up_score(next.trial, next.epoch);
    judged.push_back({next, terminator.take(next)});
    const auto& decision = judged.back().decision;
    if (next.epoch == epochs || (decision && decision->stop)) {
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
}

}  // namespace firesweep
