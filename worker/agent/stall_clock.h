// Whether the running trainer still moves (PROMISES §4, "Stalled is not alive").
#pragma once

#include <algorithm>
#include <optional>

#include "shared/base/clock.h"

namespace firesweep {

struct StallBounds {
  Duration first_unit = std::chrono::minutes(15);  // from the start to the first unit of work
  Duration floor = std::chrono::seconds(60);       // between units: the longer of this …
  int longest_units = 10;                          // … and so many times the longest unit seen
};

// Not thread-safe. Times are steady ones.
class StallClock {
 public:
  explicit StallClock(StallBounds bounds) : bounds_(bounds) {}

  void begin(Duration now) { running_ = Run{now, false, Duration(0)}; }
  void end() { running_.reset(); }

  void unit(Duration now) {
    if (!running_) return;
    if (running_->moved) running_->longest = std::max(running_->longest, now - running_->last);
    running_->last = now;
    running_->moved = true;
  }

  // The process itself was stopped for so long: that was not the trainer's fault.
  void suspended(Duration gap, Duration now) {
    if (running_) running_->last = std::min(running_->last + gap, now);
  }

  // How long the trainer may take for its next unit. Only where one runs.
  Duration patience() const {
    if (!running_ || !running_->moved) return bounds_.first_unit;
    return std::max(bounds_.floor, bounds_.longest_units * running_->longest);
  }

  // When the trainer counts as stalled, if no unit comes; nothing where none runs.
  std::optional<Duration> deadline() const {
    if (!running_) return std::nullopt;
    return running_->last + patience();
  }

 private:
  struct Run {
    Duration last;  // unit, or the start
    bool moved;
    Duration longest;
  };
  StallBounds bounds_;
  std::optional<Run> running_;
};

}  // namespace firesweep
