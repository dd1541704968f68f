// Sweeps that clients hand in: new ones, the same again, and more trials for one that is there.
#pragma once

#include <memory>

#include "coordinator/core/sweeps.h"

namespace firesweep {

// Not thread-safe. An error changes nothing.
class Submissions {
 public:
  struct State {
    Sweeps& sweeps;
    Changes& changes;
    const bool& draining;
    const Instant& now;
  };
  explicit Submissions(State state) : state_(state) {}

  ClientReply submit(const std::shared_ptr<const FrozenSweep>& frozen);
  ClientReply extend(SweepId id, const std::shared_ptr<const FrozenSweep>& file);

 private:
  ClientReply resume(Sweep& sweep);

  State state_;
};

}  // namespace firesweep
