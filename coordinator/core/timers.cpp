#include "coordinator/core/timers.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "shared/base/clock.h"

namespace firesweep {
namespace {

// Ticks come at least every half second.
constexpr Duration kLongestGap = std::chrono::seconds(5);
// A silent worker without leases is shown for a while, then forgotten; it may say Hello again at
// any time. One that has left is remembered as long, since frames of it may be held back.
constexpr Duration kForgetAfter = std::chrono::minutes(10);

}  // namespace

void Timers::forgive(Duration gap) {
  const Duration suspension = std::min<Duration>(kLongestGap, state_.options.lease / 3);
  if (gap > suspension) {
    state_.roster.extend(gap);
    state_.checkpoints.extend(gap);
  }
}

void Timers::judge() {
  judge_silence();
  for (auto& [session, worker] : state_.roster.workers()) {
    judge_unclaimed(worker);
    judge_running(worker);
  }
}

void Timers::judge_silence() {
  for (auto& [session, worker] : state_.roster.workers()) {
    const Duration silence = now() - worker.last_heard;
    if (silence <= state_.options.lease) continue;
    while (!worker.leases.empty()) {
      const TrialKey key = worker.leases.begin()->first;
      worker.orphans.insert(key);
      state_.attempts.lose(worker, key,
                           worker.connected ? "the worker fell silent"
                                            : "not claimed after the coordinator's restart");
    }
    if (!worker.connected || silence > kForgetAfter) state_.changes.forget(session);
  }
  state_.roster.forget_before(now() - kForgetAfter);
}

void Timers::judge_unclaimed(Worker& worker) {
  std::vector<TrialKey> unclaimed;
  for (const auto& [key, lease] : worker.leases) {
    const Duration age = now() - lease.assigned_at;
    if (lease.started || lease.claimed || age <= state_.options.lease) continue;
    unclaimed.push_back(key);
  }
  for (const TrialKey& key : unclaimed) {
    state_.attempts.unstart(worker, key, "the worker did not say that it has it");
    worker.orphans.insert(key);
  }
}

void Timers::judge_running(Worker& worker) {
  std::vector<TrialKey> stalled;
  for (auto& [key, lease] : worker.leases) {
    if (lease.started && lease.progress.stalled(now(), state_.options.stall_floor)) {
      stalled.push_back(key);
      continue;
    }
    const TrialRef ref = state_.sweeps.find(key.trial);
    if (takes_too_long(ref, lease)) {
      state_.stops.request(ref, Reason::kTimeout);
    } else if (now() - lease.reminded_at > state_.options.lease) {
      state_.stops.remind(worker, lease);
    }
  }
  for (const TrialKey& key : stalled) {
    state_.attempts.lose(worker, key, "no progress");
    worker.orphans.insert(key);
    state_.changes.tell(worker, Abandon{key});
  }
}

bool Timers::takes_too_long(const TrialRef& ref, const Lease& lease) const {
  const auto& longest = ref.sweep->spec().max_trial_duration;
  if (!lease.started || !longest || !std::holds_alternative<Running>(ref.trial->state)) {
    return false;
  }
  const double spent = lease.train_seconds_before + seconds_in(now() - lease.started_at);
  return spent > seconds_in(*longest);
}

void Timers::quit_idle_workers() {
  for (auto& [session, worker] : state_.roster.workers()) {
    if (!worker.connected || worker.leaving || !worker.leases.empty()) continue;
    if (worker.quit_at && now() - *worker.quit_at <= state_.options.lease) continue;
    worker.quit_at = now();
    state_.changes.tell(worker, Quit{});
  }
}

}  // namespace firesweep
