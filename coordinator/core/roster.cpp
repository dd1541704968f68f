#include "coordinator/core/roster.h"

#include <algorithm>
#include <cmath>

namespace firesweep {
namespace {

constexpr std::size_t kVerdictsKept = 1024;
constexpr std::size_t kMostLeft = 65'536;  // sessions cost a peer nothing
constexpr double kPrefetchSeconds = 0.1;
constexpr double kMostCredit = 256;
constexpr double kNewSampleWeight = 0.3;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

const Lease* Worker::running() const {
  for (const auto& [key, lease] : leases) {
    if (lease.started) return &lease;
  }
  return nullptr;
}

void Worker::remember(std::uint64_t report, Verdict verdict) {
  verdicts[report] = verdict;
  if (verdicts.size() > kVerdictsKept) verdicts.erase(verdicts.begin());
}

void Worker::measure_end(SweepId sweep, Duration now) {
  if (measured_sweep != sweep) {
    measured_sweep = sweep;
    trial_seconds.reset();
    ends_since = 0;
  }
  ++ends_since;
  const double elapsed = seconds(now - busy_since);
  if (elapsed <= 0) return;
  const double sample = elapsed / static_cast<double>(ends_since);
  trial_seconds =
      trial_seconds ? *trial_seconds + kNewSampleWeight * (sample - *trial_seconds) : sample;
  busy_since = now;
  ends_since = 0;
}

void Worker::measure_from(Duration now) {
  busy_since = now;
  ends_since = 0;
}

std::int64_t Worker::credit(SweepId sweep, Duration now) const {
  if (!trial_seconds || measured_sweep != sweep) return 1;
  double pace = *trial_seconds;
  if (!leases.empty()) pace = std::max(pace, seconds(now - busy_since));
  return std::llround(
      std::clamp(std::floor(kPrefetchSeconds / std::max(pace, 1e-9)), 1.0, kMostCredit));
}

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
  }
  return place->second;
}

std::optional<std::uint64_t> Roster::heard(SessionId session) const {
  const auto found = heard_.find(session);
  return found == heard_.end() ? std::nullopt : std::optional(found->second.sequence);
}

void Roster::note_left(SessionId session, Duration now) {
  if (left_.size() < kMostLeft) left_[session] = now;
}

void Roster::forget_words_before(Duration time) {
  std::erase_if(left_, [time](const auto& entry) { return entry.second < time; });
  std::erase_if(heard_, [this, time](const auto& entry) {
    return entry.second.at < time && !workers_.contains(entry.first);
  });
}

void Roster::note_failure(const std::string& name, TrialId trial, Duration now) {
  auto& failures = failures_[name];
  failures.insert(trial);
  if (failures.size() < kFailuresToQuarantine) return;
  quarantined_until_[name] = now + kQuarantine;
  failures_.erase(name);
}

bool Roster::quarantined(const std::string& name, Duration now) const {
  const auto found = quarantined_until_.find(name);
  return found != quarantined_until_.end() && now < found->second;
}

std::vector<std::string> Roster::all_quarantined(Duration now) const {
  std::vector<std::string> names;
  for (const auto& [name, until] : quarantined_until_) {
    if (now < until) names.push_back(name);
  }
  return names;
}

void Roster::extend(Duration gap) {
  for (auto& [session, time] : left_) time += gap;
  for (auto& [session, worker] : workers_) {
    worker.last_heard += gap;
    worker.busy_since += gap;
    for (auto& [key, lease] : worker.leases) {
      lease.assigned_at += gap;
      lease.progress.extend(gap);
    }
  }
}

}  // namespace firesweep
