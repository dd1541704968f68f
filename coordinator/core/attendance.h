// What a worker costs: how long it has been here, and for how much of that it had a trial that had
// begun.
#pragma once

#include <algorithm>

#include "shared/base/clock.h"

namespace firesweep {

// Knows only what this process has seen. Not thread-safe.
class Attendance {
 public:
  void begin(Duration now) { since_ = now; }
  void trial_begins(Duration now) {
    if (trials_++ == 0) training_since_ = now;
  }
  void trial_ends(Duration now) {
    if (--trials_ == 0) trained_ += now - training_since_;
  }
  // The coordinator was suspended: that was nobody's time.
  void extend(Duration gap) {
    since_ += gap;
    training_since_ += gap;
  }

  Duration present(Duration until) const { return std::max(until - since_, Duration(0)); }
  // At most as long as it was present.
  Duration trained(Duration until) const {
    const Duration now = trials_ > 0 ? std::max(until - training_since_, Duration(0)) : Duration(0);
    return std::min(trained_ + now, present(until));
  }

 private:
  Duration since_{0};
  Duration trained_{0};
  Duration training_since_{0};
  int trials_ = 0;
};

}  // namespace firesweep
