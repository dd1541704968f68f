#include "coordinator/core/checkpoints.h"

#include <utility>
#include <vector>

namespace firesweep {

void Checkpoints::take(const event::CheckpointArrived& event) {
  const TrialRef ref = state_.sweeps.find(event.key.trial);
  const StoredCheckpoint& fresh = event.checkpoint;
  const bool wanted = state_.life.is(event.generation) && ref.trial != nullptr &&
                      event.key.attempt >= AttemptNo{1} && event.key.attempt == fresh.attempt &&
                      event.key.attempt == newest_attempt(ref.trial->state) &&
                      !is_terminal(ref.trial->state) && fresh.epoch <= ref.epochs() &&
                      state_.index.newer(event.key.trial, fresh);
  state_.changes.send(effect::CheckpointSettled{event.session, event.key.trial, fresh, wanted});
  if (!wanted) return;
  state_.changes.persist(record::CheckpointStored{event.key.trial, fresh, state_.now.utc});
  if (const auto before = state_.index.put(event.key.trial, fresh)) {
    state_.changes.send(effect::CheckpointUnneeded{event.key.trial, before->file, false});
  }
  const auto& rules = ref.sweep->spec().checkpoint;
  const bool by_time = rules && rules->every;  // else the epochs themselves tell
  if (by_time && fresh.epoch > ref.trial->checkpoint_epoch) {
    ref.trial->checkpoint_epoch = fresh.epoch;
    state_.changes.trial(event.key.trial);
  }
  state_.changes.sweep(ref.sweep->id);
  const auto worth = [this](TrialId trial) { return eviction_rank_of(trial); };
  if (rules && rules->max_bytes) {
    evict(state_.index.surplus_of(ref.sweep->id, *rules->max_bytes, worth));
  }
  evict(state_.index.surplus(worth));
}

void Checkpoints::evict(const std::vector<TrialId>& trials) {
  for (const TrialId trial : trials) {
    state_.changes.send(effect::CheckpointUnneeded{trial, state_.index.find(trial)->file, true});
    state_.index.remove(trial);
    state_.changes.persist(record::CheckpointRemoved{trial});
  }
}

CheckpointIndex::EvictionRank Checkpoints::eviction_rank_of(TrialId id) {
  const TrialRef ref = state_.sweeps.find(id);
  if (ref.trial == nullptr) return CheckpointIndex::EvictionRank::kEnded;
  if (live_attempt(ref.trial->state) != AttemptNo{}) return CheckpointIndex::EvictionRank::kLive;
  if (ref.sweep->best_trial == id) return CheckpointIndex::EvictionRank::kBest;
  return is_terminal(ref.trial->state) ? CheckpointIndex::EvictionRank::kEnded
                                       : CheckpointIndex::EvictionRank::kWaiting;
}

}  // namespace firesweep
