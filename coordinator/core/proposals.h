// When a sweep whose method learns proposes its next point, and what it learns from results.
#pragma once

#include <cstdint>

#include "coordinator/core/changes.h"
#include "coordinator/core/quota.h"
#include "coordinator/core/sweeps.h"

namespace firesweep {

// Not thread-safe.
class Proposals {
 public:
  static constexpr int kAtOnce = 4;  // points that one moment makes
  // Of prefetched trials of such a sweep: each is proposed with less than is known when it begins.
  static constexpr std::int64_t kMostCredit = 2;

  Proposals(Changes& changes, const Instant& now) : changes_(changes), now_(now) {}

  // Work is about to be given out.
  void begin() { held_back_ = false; }
  // Since then ensure() has refused: whoever it was for waits for the next moment.
  bool held_back() const { return held_back_; }

  // The trial has a config: its point was proposed before or is now, which is persisted before
  // anything that comes of it. False where this moment has made enough; nothing is changed then.
  bool ensure(Sweep& sweep, std::int64_t number);

 private:
  Changes& changes_;
  const Instant& now_;
  MomentQuota quota_{kAtOnce};
  bool held_back_ = false;
};

}  // namespace firesweep
