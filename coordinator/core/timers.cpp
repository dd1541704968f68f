// Clocks: silence, stalls, time limits, lost commands, the end of a drain.
#include <utility>

#include "coordinator/core/scheduler_core.h"

namespace firesweep {
namespace {

constexpr int kBeatsMissed = 3;
// A silent worker without leases is shown for a while, then forgotten; it may say Hello again at
// any time. One that has left is remembered as long, since frames of it may be held back.
constexpr Duration kForgetAfter = std::chrono::minutes(10);

}  // namespace

// Long enough to give it nothing more; its leases last longer.
bool SchedulerCore::silent(const Worker& worker, Duration at) const {
  return at - worker.last_heard > kBeatsMissed * options_.heartbeat_every;
}

void SchedulerCore::handle(const event::Tick&) {
  judge_silence();
  for (auto& [session, worker] : roster_.workers()) {
    judge_unclaimed(worker);
    judge_running(worker);
  }
}

void SchedulerCore::judge_silence() {
  for (auto& [session, worker] : roster_.workers()) {
    const Duration silence = now() - worker.last_heard;
    if (silence <= options_.lease) continue;
    while (!worker.leases.empty()) {
      const TrialKey key = worker.leases.begin()->first;
      worker.orphans.insert(key);
      lose(worker, key,
           worker.connected ? "the worker fell silent"
                            : "not claimed after the coordinator's restart");
    }
    if (!worker.connected || silence > kForgetAfter) departed_.insert(session);
  }
  roster_.forget_words_before(now() - kForgetAfter);
}

// Reports are signs of life, but tell nothing of what has not begun: its assignment may be lost.
// Until the worker says what it holds its hands are full.
void SchedulerCore::judge_unclaimed(Worker& worker) {
  std::vector<TrialKey> unclaimed;
  for (const auto& [key, lease] : worker.leases) {
    if (lease.started || lease.claimed || now() - lease.assigned_at <= options_.lease) continue;
    unclaimed.push_back(key);
  }
  for (const TrialKey& key : unclaimed) {
    unstart(worker, key, "the worker did not say that it has it");
    worker.orphans.insert(key);
  }
}

void SchedulerCore::judge_running(Worker& worker) {
  std::vector<TrialKey> stalled;
  for (auto& [key, lease] : worker.leases) {
    if (lease.started && lease.progress.stalled(now(), options_.stall_floor)) {
      stalled.push_back(key);
      continue;
    }
    const Place place = find(key.trial);
    const auto& longest = place.sweep->spec().max_trial_duration;
    if (lease.started && longest && std::holds_alternative<Running>(place.trial->state)) {
      const double spent = lease.train_seconds_before +
                           std::chrono::duration<double>(now() - lease.started_at).count();
      if (spent > std::chrono::duration<double>(*longest).count()) {
        request_stop(place, Reason::kTimeout);
        continue;
      }
    }
    if (now() - lease.reminded_at > options_.lease) remind(worker, lease);
  }
  for (const TrialKey& key : stalled) {
    lose(worker, key, "no progress");
    worker.orphans.insert(key);
    tell(worker, Abandon{key});
  }
}

void SchedulerCore::handle(const event::DrainRequested&) {
  if (draining_) return;
  draining_ = true;
  for (auto& [session, worker] : roster_.workers()) {
    for (auto& [key, lease] : worker.leases) remind(worker, lease);
  }
}

void SchedulerCore::quit_idle_workers() {
  for (auto& [session, worker] : roster_.workers()) {
    if (!worker.connected || worker.leaving || !worker.leases.empty()) continue;
    if (worker.quit_at && now() - *worker.quit_at <= options_.lease) continue;
    worker.quit_at = now();
    tell(worker, Quit{});
  }
}

}  // namespace firesweep
