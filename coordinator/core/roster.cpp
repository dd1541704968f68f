#include "coordinator/core/roster.h"

#include <utility>

namespace firesweep {
namespace {

constexpr std::size_t kMostLeft = 65'536;  // sessions cost a peer nothing

}  // namespace

Worker* Roster::find(SessionId session) {
  const auto found = workers_.find(session);
  return found == workers_.end() ? nullptr : &found->second;
}

Worker& Roster::enter(SessionId session, Duration now) {
  const auto [place, fresh] = workers_.try_emplace(session);
  if (fresh) {
    place->second.session = session;
    place->second.last_heard = now;
    place->second.busy_since = now;
    place->second.attendance.begin(now);
  }
  return place->second;
}

void Roster::remove(SessionId session) {
  const auto found = workers_.find(session);
  if (found == workers_.end()) return;
  const Worker& worker = found->second;
  if (worker.connected) {
    ++gone_.workers;
    gone_.present += worker.attendance.present(worker.last_heard);
    gone_.trained += worker.attendance.trained(worker.last_heard);
  }
  workers_.erase(found);
}

std::optional<std::uint64_t> Roster::heard(SessionId session) const {
  const auto found = heard_.find(session);
  return found == heard_.end() ? std::nullopt : std::optional(found->second.sequence);
}

void Roster::note_left(SessionId session, Duration now) {
  if (left_.size() < kMostLeft) left_[session] = now;
}

void Roster::forget_before(Duration time) {
  std::erase_if(left_, [time](const auto& entry) { return entry.second < time; });
  std::erase_if(heard_, [this, time](const auto& entry) {
    return entry.second.at < time && !workers_.contains(entry.first);
  });
}

void Roster::extend(Duration gap) {
  for (auto& [session, time] : left_) time += gap;
  for (auto& [session, worker] : workers_) {
    worker.last_heard += gap;
    worker.busy_since += gap;
    worker.attendance.extend(gap);
    for (auto& [key, lease] : worker.leases) {
      lease.assigned_at += gap;
      lease.progress.extend(gap);
    }
  }
}

}  // namespace firesweep
