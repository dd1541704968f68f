// What becomes of checkpoints that workers send in: judged by their attempt, recorded, and evicted
// to keep the quota. A file goes only after the commit that says so.
#include <utility>

#include "coordinator/core/scheduler_core.h"

namespace firesweep {

void SchedulerCore::handle(const event::CheckpointArrived& event) {
  const Place place = find(event.key.trial);
  const StoredCheckpoint& fresh = event.checkpoint;
  const bool wanted = place.trial != nullptr && event.key.attempt >= AttemptNo{1} &&
                      event.key.attempt == fresh.attempt &&
                      event.key.attempt == newest_attempt(place.trial->state) &&
                      !is_terminal(place.trial->state) && fresh.epoch <= epochs_of(place) &&
                      shelf_.newer(event.key.trial, fresh);
  replies_.push_back(effect::CheckpointSettled{event.session, event.key.trial, fresh, wanted});
  if (!wanted) return;
  persist(record::CheckpointStored{event.key.trial, fresh, utc()});
  if (const auto before = shelf_.put(event.key.trial, fresh)) {
    replies_.push_back(effect::CheckpointUnneeded{event.key.trial, before->file, false});
  }
  const auto& rules = place.sweep->spec().checkpoint;
  const bool by_time = rules && rules->every;  // else the epochs themselves tell
  if (by_time && fresh.epoch > place.trial->checkpoint_epoch) {
    place.trial->checkpoint_epoch = fresh.epoch;
    mark(event.key.trial);
  }
  touched_sweeps_.insert(place.sweep->id);
  const auto worth = [this](TrialId trial) { return worth_of(trial); };
  if (rules && rules->max_bytes) {
    evict(shelf_.surplus_of(place.sweep->id, *rules->max_bytes, worth));
  }
  evict(shelf_.surplus(worth));
}

void SchedulerCore::evict(const std::vector<TrialId>& trials) {
  for (const TrialId trial : trials) {
    replies_.push_back(effect::CheckpointUnneeded{trial, shelf_.find(trial)->file, true});
    shelf_.remove(trial);
    persist(record::CheckpointRemoved{trial});
  }
}

CheckpointShelf::Worth SchedulerCore::worth_of(TrialId id) {
  const Place place = find(id);
  if (place.trial == nullptr) return CheckpointShelf::Worth::kEnded;
  if (live_attempt(place.trial->state) != AttemptNo{}) return CheckpointShelf::Worth::kLive;
  if (place.sweep->best_trial == id) return CheckpointShelf::Worth::kBest;
  return is_terminal(place.trial->state) ? CheckpointShelf::Worth::kEnded
                                         : CheckpointShelf::Worth::kWaiting;
}

}  // namespace firesweep
