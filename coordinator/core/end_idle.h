// How long workers have had nothing to do at a sweep's end: since their last trial of it, while
// others still train. The view sweep_overview says the same of what is stored.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "shared/base/clock.h"

namespace firesweep {

// Knows only what this process has seen. Not thread-safe.
class EndIdle {
 public:
  // Another trial was given out: until then it was not the end.
  void opened() { ended_.clear(); }
  void ended(const std::string& worker, Duration now) {
    ended_[worker] = now;
    last_ = now;
  }
  // The worker has something else to do.
  void leaves(const std::string& worker) { ended_.erase(worker); }

  // Summed over workers, until `now` or, if no trial is held any more, until the last one's end.
  double seconds(Duration now, bool any_held) const {
    double sum = 0;
    for (const auto& [worker, at] : ended_) {
      sum += std::chrono::duration<double>((any_held ? now : last_) - at).count();
    }
    return sum;
  }

 private:
  std::map<std::string, Duration> ended_;
  Duration last_{0};
};

}  // namespace firesweep
