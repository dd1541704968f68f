#include "coordinator/core/checkpoint_pulls.h"

#include <algorithm>

namespace firesweep {

std::int64_t CheckpointPulls::length(const Transfer& transfer, std::int64_t offset) const {
  return std::min(limits_.chunk, transfer.offer.bytes - offset);
}

bool CheckpointPulls::offer(SessionId worker, const CheckpointOffer& offer, Duration now) {
  const auto known = transfers_.find(worker);
  if (known != transfers_.end() && known->second.offer == offer) {
    known->second.heard = now;
    return false;
  }
  end(worker);
  Transfer fresh;
  fresh.offer = offer;
  fresh.heard = now;
  transfers_.emplace(worker, std::move(fresh));
  return true;
}

const CheckpointOffer* CheckpointPulls::running(SessionId worker) const {
  const auto found = transfers_.find(worker);
  return found == transfers_.end() ? nullptr : &found->second.offer;
}

void CheckpointPulls::reconnected(SessionId worker) {
  const auto found = transfers_.find(worker);
  if (found == transfers_.end()) return;
  for (auto& [offset, when] : found->second.asked) when.reset();
}

bool CheckpointPulls::arrived(SessionId worker, const CheckpointChunk& chunk, Duration now) {
  const auto found = transfers_.find(worker);
  if (found == transfers_.end()) return false;
  Transfer& transfer = found->second;
  if (chunk.sha256 != transfer.offer.sha256 || chunk.key != transfer.offer.key) return false;
  const auto asked = transfer.asked.find(chunk.offset);
  if (asked == transfer.asked.end()) return false;
  const std::int64_t wanted = length(transfer, chunk.offset);
  if (static_cast<std::int64_t>(chunk.data.size()) != wanted) return false;
  transfer.asked.erase(asked);
  transfer.arrived += wanted;
  transfer.heard = now;
  transfer.chunk = now;
  on_the_way_ -= wanted;
  return true;
}

bool CheckpointPulls::complete(SessionId worker) const {
  const auto found = transfers_.find(worker);
  return found != transfers_.end() && found->second.arrived == found->second.offer.bytes;
}

void CheckpointPulls::end(SessionId worker) {
  const auto found = transfers_.find(worker);
  if (found == transfers_.end()) return;
  for (const auto& [offset, when] : found->second.asked) {
    on_the_way_ -= length(found->second, offset);
  }
  transfers_.erase(found);
}

std::vector<std::pair<SessionId, CheckpointPull>> CheckpointPulls::next(Duration now) {
  std::vector<std::pair<SessionId, CheckpointPull>> pulls;
  for (auto& [worker, transfer] : transfers_) {
    for (auto& [offset, when] : transfer.asked) {
      if (when && now - std::max(*when, transfer.chunk) < limits_.again) continue;
      when = now;
      pulls.emplace_back(worker, CheckpointPull{transfer.offer.key, transfer.offer.sha256, offset});
    }
  }
  // One chunk a turn, beginning after whoever was asked last.
  for (bool more = !transfers_.empty(); more;) {
    more = false;
    auto place = transfers_.upper_bound(turn_);
    for (std::size_t i = 0; i < transfers_.size(); ++i, ++place) {
      if (place == transfers_.end()) place = transfers_.begin();
      Transfer& transfer = place->second;
      if (transfer.next >= transfer.offer.bytes ||
          static_cast<std::int64_t>(transfer.asked.size()) >= limits_.window) {
        continue;
      }
      const std::int64_t bytes = length(transfer, transfer.next);
      if (on_the_way_ + bytes > limits_.on_the_way) return pulls;
      pulls.emplace_back(place->first,
                         CheckpointPull{transfer.offer.key, transfer.offer.sha256, transfer.next});
      transfer.asked.emplace(transfer.next, now);
      transfer.next += bytes;
      on_the_way_ += bytes;
      turn_ = place->first;
      more = true;
      break;
    }
  }
  return pulls;
}

std::vector<SessionId> CheckpointPulls::abandoned(Duration now) {
  std::vector<SessionId> gone;
  for (const auto& [worker, transfer] : transfers_) {
    if (now - transfer.heard >= limits_.give_up) gone.push_back(worker);
  }
  for (const SessionId worker : gone) end(worker);
  return gone;
}

}  // namespace firesweep
