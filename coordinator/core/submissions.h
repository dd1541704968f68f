// Sweeps that clients hand in: new ones, the same again, and more trials for one that is there.
#pragma once

#include <memory>

#include "coordinator/core/json_text.h"
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

  Result<JsonObject> submit(const std::shared_ptr<const FrozenSweep>& frozen);
  Result<JsonObject> extend(SweepId id, const std::shared_ptr<const FrozenSweep>& file);

 private:
  Result<JsonObject> resume(Sweep& sweep);

  State state_;
};

}  // namespace firesweep
