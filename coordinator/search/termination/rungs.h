// The epochs at which trials are compared, and the scores that were brought there. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "coordinator/search/termination/terminator.h"

namespace firesweep {

// Rungs from `first` on, below `epochs`: as few as suffice for each to be at most `eta` times the
// one before it, at one factor from `first` to `epochs`. (Powers of eta, as in Li et al. 2020,
// leave a last step of any length.) Empty where `first` is not below `epochs`. `first` is at least
// 1, `eta` above 1.
std::vector<std::int64_t> rungs_between(std::int64_t first, std::int64_t epochs, double eta);

// The scores at one rung, one per trial. Not thread-safe.
class Rung {
 public:
  // The trial's score is this, whatever it was.
  void put(std::int64_t trial, double score);
  void remove(std::int64_t trial);

  std::int64_t size() const { return static_cast<std::int64_t>(sorted_.size()); }
  // 1 for the best; equal scores share the best of their ranks.
  std::int64_t rank(double score) const;
  // The same of a trial that is here, in a strict order: of equal scores the smallest number ranks
  // first.
  std::int64_t rank_of(std::int64_t trial) const;
  // The score at a rank from 1 to size().
  double at_rank(std::int64_t rank) const;
  const std::map<std::int64_t, double>& scores() const { return scores_; }

 private:
  std::map<std::int64_t, double> scores_;
  std::vector<std::pair<double, std::int64_t>> sorted_;  // score and -trial, ascending
};

// How many of `seen` go on: one in `eta`, and at least one.
std::int64_t places(std::int64_t seen, double eta);

// The comparison of one trial's score with a rung that has it.
Evidence compared(const Rung& rung, std::int64_t epoch, double score, std::int64_t places);

}  // namespace firesweep
