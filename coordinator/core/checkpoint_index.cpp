#include "coordinator/core/checkpoint_index.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace firesweep {

const StoredCheckpoint* CheckpointIndex::find(TrialId trial) const {
  const auto found = kept_.find(trial);
  return found == kept_.end() ? nullptr : &found->second;
}

bool CheckpointIndex::newer(TrialId trial, const StoredCheckpoint& fresh) const {
  const StoredCheckpoint* kept = find(trial);
  if (kept == nullptr) return true;
  return fresh.epoch >= kept->epoch &&
         std::tie(fresh.attempt, fresh.number) > std::tie(kept->attempt, kept->number);
}

std::optional<StoredCheckpoint> CheckpointIndex::put(TrialId trial, StoredCheckpoint checkpoint) {
  if (const auto awaited = awaited_.find(trial); awaited != awaited_.end() &&
                                                 awaited->second.attempt == checkpoint.attempt &&
                                                 awaited->second.number <= checkpoint.number) {
    awaited_.erase(awaited);
  }
  std::optional<StoredCheckpoint> before;
  if (const StoredCheckpoint* kept = find(trial)) before = *kept;
  if (before) bytes_ -= before->bytes;
  bytes_ += checkpoint.bytes;
  kept_[trial] = std::move(checkpoint);
  return before;
}

void CheckpointIndex::remove(TrialId trial) {
  const auto found = kept_.find(trial);
  if (found == kept_.end()) return;
  bytes_ -= found->second.bytes;
  kept_.erase(found);
}

void CheckpointIndex::await(TrialId trial, AttemptNo attempt, std::int64_t number, Duration until) {
  const StoredCheckpoint* kept = find(trial);
  if (kept != nullptr && kept->attempt == attempt && kept->number >= number) return;
  awaited_[trial] = {attempt, number, until};
}

bool CheckpointIndex::awaits(TrialId trial, Duration now) const {
  const auto found = awaited_.find(trial);
  return found != awaited_.end() && now < found->second.until;
}

bool CheckpointIndex::awaits_any(Duration now) const {
  return std::any_of(awaited_.begin(), awaited_.end(),
                     [now](const auto& entry) { return now < entry.second.until; });
}

std::vector<TrialId> CheckpointIndex::surplus(const std::function<Worth(TrialId)>& worth) const {
  if (bytes_ <= max_bytes_) return {};
  std::vector<std::tuple<Worth, std::int64_t, TrialId>> order;
  for (const auto& [trial, checkpoint] : kept_) {
    const Worth its = worth(trial);
    if (its != Worth::kLive) order.emplace_back(its, checkpoint.epoch, trial);
  }
  std::sort(order.begin(), order.end());
  std::vector<TrialId> gone;
  std::int64_t left = bytes_;
  for (const auto& [its, epoch, trial] : order) {
    if (left <= max_bytes_) break;
    left -= kept_.at(trial).bytes;
    gone.push_back(trial);
  }
  return gone;
}

}  // namespace firesweep
