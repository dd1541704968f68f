// What becomes of checkpoints that workers send in: judged by their attempt, recorded, and evicted
// to keep the quota. A file goes only after the commit that says so.
#pragma once

#include <vector>

#include "coordinator/core/changes.h"
#include "coordinator/core/checkpoint_index.h"
#include "coordinator/core/sweeps.h"
#include "shared/domain/snapshot.h"

namespace firesweep {

// Not thread-safe.
class Checkpoints {
 public:
  struct State {
    const DatabaseLife& life;
    Sweeps& sweeps;
    CheckpointIndex& index;
    Changes& changes;
    const Instant& now;
  };
  explicit Checkpoints(State state) : state_(state) {}

  void take(const event::CheckpointArrived& event);

 private:
  void evict(const std::vector<TrialId>& trials);
  CheckpointIndex::EvictionRank eviction_rank_of(TrialId trial);

  State state_;
};

}  // namespace firesweep
