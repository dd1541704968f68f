#include "coordinator/core/checkpoints.h"

#include <utility>
#include <vector>

namespace firesweep {

void Checkpoints::take(const event::CheckpointArrived& event) {
  const TrialRef ref = state_.sweeps.find(event.key.trial);
  const StoredCheckpoint& fresh = event.checkpoint;
  const bool wanted = ref.trial != nullptr && event.key.attempt >= AttemptNo{1} &&
                      event.key.attempt == fresh.attempt &&
                      event.key.attempt == newest_attempt(ref.trial->state) &&
                      !is_terminal(ref.trial->state) && fresh.epoch <= ref.epochs() &&
                      state_.index.newer(event.key.trial, fresh);
  state_.changes.send(effect::CheckpointSettled{event.session, event.key.trial, fresh, wanted});
  if (!wanted) return;
  state_.changes.persist(record::CheckpointStored{event.key.trial, fresh, state_.now.utc});
  if (const auto before = state_.index.put(event.key.trial, fresh)) {
    state_.changes.send(effect::CheckpointUnneeded{event.key.trial, before->file, false});
  }
  state_.changes.sweep(ref.sweep->id);
  keep_quota();
}

void Checkpoints::keep_quota() {
  const std::vector<TrialId> surplus =
      state_.index.surplus([this](TrialId trial) { return worth_of(trial); });
  for (const TrialId trial : surplus) {
    state_.changes.send(effect::CheckpointUnneeded{trial, state_.index.find(trial)->file, true});
    state_.index.remove(trial);
    state_.changes.persist(record::CheckpointRemoved{trial});
  }
}

CheckpointIndex::Worth Checkpoints::worth_of(TrialId id) {
  const TrialRef ref = state_.sweeps.find(id);
  if (ref.trial == nullptr) return CheckpointIndex::Worth::kEnded;
  if (live_attempt(ref.trial->state) != AttemptNo{}) return CheckpointIndex::Worth::kLive;
  if (ref.sweep->best_trial == id) return CheckpointIndex::Worth::kBest;
  return is_terminal(ref.trial->state) ? CheckpointIndex::Worth::kEnded
                                       : CheckpointIndex::Worth::kWaiting;
}

}  // namespace firesweep
