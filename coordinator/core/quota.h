// A limit on what is done in one moment, so that a group of many events is answered in time.
#pragma once

#include <utility>

#include "shared/base/clock.h"

namespace firesweep {

// Not thread-safe.
class MomentQuota {
 public:
  explicit MomentQuota(int most) : most_(most) {}

  // False where as many were taken in this moment; they wait for the next one.
  bool take(Duration now) {
    if (std::exchange(moment_, now) != now) taken_ = 0;
    if (taken_ == most_) return false;
    ++taken_;
    return true;
  }

 private:
  int most_;
  Duration moment_{-1};
  int taken_ = 0;  // in it
};

}  // namespace firesweep
