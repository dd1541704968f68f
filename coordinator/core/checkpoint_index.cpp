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

std::vector<TrialId> CheckpointIndex::surplus(
    const std::function<EvictionRank(TrialId)>& worth) const {
  return surplus_among(kept_.begin(), kept_.end(), bytes_, max_bytes_, worth);
}

std::vector<TrialId> CheckpointIndex::surplus_of(
    SweepId sweep, std::int64_t max_bytes,
    const std::function<EvictionRank(TrialId)>& worth) const {
  const auto begin = kept_.lower_bound(first_trial_of(sweep));
  const auto end = kept_.upper_bound(last_trial_of(sweep));
  std::int64_t bytes = 0;
  for (auto one = begin; one != end; ++one) bytes += one->second.bytes;
  return surplus_among(begin, end, bytes, max_bytes, worth);
}

std::vector<TrialId> CheckpointIndex::surplus_among(
    Kept::const_iterator begin, Kept::const_iterator end, std::int64_t bytes,
    std::int64_t max_bytes, const std::function<EvictionRank(TrialId)>& worth) {
  if (bytes <= max_bytes) return {};
  std::vector<std::tuple<EvictionRank, std::int64_t, TrialId, std::int64_t>> order;
  for (auto one = begin; one != end; ++one) {
    const EvictionRank its = worth(one->first);
    if (its == EvictionRank::kLive) continue;
    order.emplace_back(its, one->second.epoch, one->first, one->second.bytes);
  }
  std::sort(order.begin(), order.end());
  std::vector<TrialId> gone;
  for (const auto& [its, epoch, trial, size] : order) {
    if (bytes <= max_bytes) break;
    bytes -= size;
    gone.push_back(trial);
  }
  return gone;
}

}  // namespace firesweep
