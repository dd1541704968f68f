// The one way a trial's state changes.
#pragma once

#include "coordinator/core/changes.h"
#include "coordinator/core/sweeps.h"

namespace firesweep {

// Not thread-safe.
class TrialStates {
 public:
  explicit TrialStates(Changes& changes) : changes_(changes) {}

  // By the table of trial states; its sweep's queue and its sweep's finished work follow, and the
  // trial's row is persisted. An illegal pair is our own mistake: what peers send was judged
  // before.
  void apply(const TrialRef& ref, const TrialEvent& event);

 private:
  Changes& changes_;
};

}  // namespace firesweep
