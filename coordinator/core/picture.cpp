#include "coordinator/core/picture.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/core/matching.h"
#include "coordinator/core/promotions.h"
#include "shared/base/natural_order.h"

namespace firesweep {

Overview Picture::overview() const {
  Overview overview;
  for (const auto& [id, sweep] : sweeps_.all()) {
    if (!sweep.asleep) overview.sweeps.push_back(of(sweep));
  }
  for (const auto& [session, worker] : roster_.workers()) {
    if (worker.connected) overview.workers.push_back(of(worker));
  }
  const Roster::Gone& gone = roster_.gone();
  overview.workers_gone = gone.workers;
  overview.attended_by_gone = {seconds_in(gone.present), seconds_in(gone.trained)};
  std::stable_sort(overview.workers.begin(), overview.workers.end(),
                   [](const auto& a, const auto& b) { return counts_before(a.name, b.name); });
  return overview;
}

// Of the trial's epochs, with the part of the running one.
double Picture::share_done(const Worker& worker, const Lease& lease) const {
  if (lease.epochs <= 0) return 0;
  double epochs = static_cast<double>(lease.last_epoch);
  const auto& live = worker.live;
  if (lease.started && live && live->batches > 0 && live->epoch == lease.last_epoch + 1) {
    epochs +=
        std::clamp(static_cast<double>(live->batch) / static_cast<double>(live->batches), 0.0, 1.0);
  }
  return std::clamp(epochs / static_cast<double>(lease.epochs), 0.0, 1.0);
}

SweepOverview Picture::of(const Sweep& sweep) const {
  SweepOverview picture;
  picture.sweep = sweep.id;
  picture.name = sweep.spec().name;
  picture.state = sweep.state;
  picture.trials = sweep.trials.counts();
  picture.best_trial = sweep.best_trial;
  picture.best_accuracy = sweep.best_accuracy;
  if (sweep.state == SweepState::kCancelled) {
    picture.trials.cancelled += picture.trials.waiting;
    picture.trials.waiting = 0;
  }
  if (picture.trials.waiting > 0) picture.rungs = waiting_at_rungs(sweep);
  picture.broken = sweep.broken;
  if (picture.trials.waiting == 0) {
    picture.idle_seconds = sweep.idle.seconds(now_, !sweep.trials.live().empty());
  }
  if (!is_unfinished(sweep.state)) {
    const TrialCounts& t = picture.trials;
    const auto ended = static_cast<double>(t.complete + t.pruned + t.failed + t.cancelled);
    picture.done_share = t.total > 0 ? ended / static_cast<double>(t.total) : 1.0;
    return picture;
  }

  double done = sweep.work_done;
  std::int64_t training = 0;
  std::vector<const Capabilities*> present;
  for (const auto& [session, worker] : roster_.workers()) {
    if (!worker.connected || now_ - worker.last_heard > options_.lease) continue;
    present.push_back(&worker.capabilities);
    for (const auto& [key, lease] : worker.leases) {
      if (sweep_of(key.trial) != sweep.id || !lease.started) continue;
      done += share_done(worker, lease) * lease.work;
      ++training;
    }
  }
  if (sweep.work_total > 0) picture.done_share = std::clamp(done / sweep.work_total, 0.0, 1.0);
  if (const auto left = sweep.pace.seconds_for(std::max(sweep.work_total - done, 0.0))) {
    picture.seconds_left = *left / static_cast<double>(std::max<std::int64_t>(training, 1));
  }
  if (sweep.broken.empty() && sweep.state == SweepState::kRunning && picture.trials.waiting > 0) {
    picture.blocked = why_blocked(present, *sweep.frozen, sweep.amps_waiting());
  }
  return picture;
}

WorkerOverview Picture::of(const Worker& worker) const {
  WorkerOverview picture;
  picture.name = worker.name;
  picture.shown = worker.name;
  const auto namesakes =
      std::count_if(roster_.workers().begin(), roster_.workers().end(), [&](const auto& other) {
        return other.second.connected && other.second.name == worker.name;
      });
  if (namesakes > 1) picture.shown += " (pid " + std::to_string(worker.pid) + ")";
  picture.device = worker.capabilities.device;
  picture.trials_done = worker.trials_done;
  const Duration silence = std::max(now_ - worker.last_heard, Duration(0));
  picture.silent_s = seconds_in(silence);
  picture.attended = {seconds_in(worker.attendance.present(worker.last_heard)),
                      seconds_in(worker.attendance.trained(worker.last_heard))};
  const Lease* lease = worker.running();
  if (worker.silent(now_, options_.heartbeat_every)) {
    picture.state = "silent";
  } else if (lease != nullptr) {
    picture.state = "training";
  } else {
    picture.state = quarantine_.holds(worker.name, now_) ? "quarantined" : "idle";
  }
  if (lease == nullptr) return picture;

  picture.trial = lease->key;
  if (worker.live) picture.live = *worker.live;
  const Sweep& sweep = sweeps_.at(sweep_of(lease->key.trial));
  if (sweep.space) {
    if (const auto config = sweep.space->config(number_of(lease->key.trial))) {
      picture.label = label_of(sweep.spec(), *config, sweep.space->segments() > 1);
    }
  }
  const double left = 1.0 - share_done(worker, *lease);
  if (lease->last_epoch_seconds > 0) {
    picture.seconds_left = left * static_cast<double>(lease->epochs) * lease->last_epoch_seconds;
  } else {
    picture.seconds_left = sweep.pace.seconds_for(left * lease->work);
  }
  return picture;
}

}  // namespace firesweep
