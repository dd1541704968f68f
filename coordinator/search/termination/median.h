// The median stopping rule (Golovin, Solnik, Moitra, Kochanski, Karro, Sculley: Google Vizier, KDD
// 2017, §3.2.2): a trial stops at an epoch if its best score so far is below the median of the
// other trials' mean scores up to that epoch. The paper compares with finished trials; here with
// all that have come as far, so that a first wave of trials that runs together is judged too. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "coordinator/search/termination/rungs.h"

namespace firesweep {

struct MedianOptions {
  std::optional<std::int64_t> min_iter = {};  // see first_epoch
  std::int64_t min_others = 5;                // trials to compare with, at least 1
};

class MedianStopping : public Terminator {
 public:
  explicit MedianStopping(const MedianOptions& options) : options_(options) {}
  // The evidence has the median as threshold, the rank of the trial's best among the others' means,
  // and the number of both together.
  std::optional<Decision> take(const TrialReport& report) override;
  bool stops(const Evidence& evidence) const override;

 private:
  struct Curves {
    std::map<std::int64_t, std::map<std::int64_t, double>> by_trial;  // trial → epoch → score
    std::map<std::int64_t, Rung> means;                               // epoch → up to it
  };
  std::optional<Decision> judge(const Rung& others, std::int64_t epoch, double best) const;

  MedianOptions options_;
  std::map<Population, Curves> curves_;
};

}  // namespace firesweep
