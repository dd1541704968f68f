#include "coordinator/core/worker.h"

#include <algorithm>
#include <cmath>

namespace firesweep {
namespace {

constexpr int kBeatsMissed = 3;
constexpr std::size_t kVerdictsKept = 1024;
constexpr double kPrefetchSeconds = 0.1;
constexpr double kMostCredit = 256;
constexpr double kNewSampleWeight = 0.3;

}  // namespace

bool Worker::silent(Duration now, Duration heartbeat_every) const {
  return now - last_heard > kBeatsMissed * heartbeat_every;
}

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
  const double elapsed = seconds_in(now - busy_since);
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
  if (!leases.empty()) pace = std::max(pace, seconds_in(now - busy_since));
  return std::llround(
      std::clamp(std::floor(kPrefetchSeconds / std::max(pace, 1e-9)), 1.0, kMostCredit));
}

}  // namespace firesweep
