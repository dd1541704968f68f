// Which trials stop early: an epoch's score comes to its sweep's terminator in the event that
// persists the epoch, and what the terminator decides is persisted after it. With asha's promotion
// type a trial at its rung is stopped with its checkpoint and waits there; it goes on when it is
// promoted, which is persisted before its next attempt.
#pragma once

#include "coordinator/core/stops.h"
#include "shared/domain/snapshot.h"

namespace firesweep {

// Not thread-safe.
class Terminations {
 public:
  struct State {
    Stops& stops;
    TrialStates& trial_states;
    Changes& changes;
    const Instant& now;
  };
  explicit Terminations(State state) : state_(state) {}

  // Of an epoch that is being persisted. The trial is stopped if it runs and the terminator says
  // so; the score of one that runs no more counts all the same, as it does after a restart.
  void take(const TrialRef& ref, TrialKey key, const EpochMetrics& metrics);

  // A trial that waits at a rung, or comes there, goes on.
  void promote(Sweep& sweep, std::int64_t number);
  // Where nothing can be promoted any more, what waits at rungs is pruned.
  void end_rungs(Sweep& sweep);

  // Gives the sweep what its file's early_terminate asks for, if it does, which then knows these
  // scores and promotions.
  static void begin(Sweep& sweep, const std::vector<EpochScore>& scores = {},
                    const std::vector<TrialPromotion>& promotions = {});

 private:
  void take_at_rung(const TrialRef& ref, const EpochScore& at);

  State state_;
};

}  // namespace firesweep
