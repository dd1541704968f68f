// Which running trials stop early: an epoch's score comes to its sweep's terminator in the event
// that persists the epoch, and what the terminator decides is persisted after it.
#pragma once

#include "coordinator/core/stops.h"
#include "shared/domain/snapshot.h"

namespace firesweep {

// Not thread-safe.
class Terminations {
 public:
  struct State {
    Stops& stops;
    Changes& changes;
    const Instant& now;
  };
  explicit Terminations(State state) : state_(state) {}

  // Of an epoch that is being persisted. The trial is stopped if it runs and the terminator says
  // so; the score of one that runs no more counts all the same, as it does after a restart.
  void take(const TrialRef& ref, TrialKey key, const EpochMetrics& metrics);

  // Gives the sweep its terminator, if its file asks for one, which then knows these scores.
  static void begin(Sweep& sweep, const std::vector<EpochScore>& known = {});

 private:
  State state_;
};

}  // namespace firesweep
