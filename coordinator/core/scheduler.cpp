#include "coordinator/core/scheduler.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "coordinator/core/attempts.h"
#include "coordinator/core/changes.h"
#include "coordinator/core/checkpoint_index.h"
#include "coordinator/core/checkpoints.h"
#include "coordinator/core/dispatch.h"
#include "coordinator/core/picture.h"
#include "coordinator/core/proposals.h"
#include "coordinator/core/quarantine.h"
#include "coordinator/core/races.h"
#include "coordinator/core/reports.h"
#include "coordinator/core/restoring.h"
#include "coordinator/core/reuse.h"
#include "coordinator/core/roster.h"
#include "coordinator/core/sessions.h"
#include "coordinator/core/steering.h"
#include "coordinator/core/stops.h"
#include "coordinator/core/submissions.h"
#include "coordinator/core/sweeps.h"
#include "coordinator/core/terminations.h"
#include "coordinator/core/timers.h"
#include "coordinator/core/trial_states.h"

namespace firesweep {

// What is held, and below it who decides about it. Each is given the parts that it needs.
struct Scheduler::Parts {
  Parts(SchedulerOptions with, DatabaseLife of, Instant at, HeardFrames heard)
      : options(std::move(with)),
        life(of),
        now(at),
        roster(std::move(heard)),
        checkpoints(options.checkpoint_bytes) {
    changes.set_generation(life.generation);
  }

  SchedulerOptions options;
  const DatabaseLife life;
  Instant now;  // of the event being applied
  bool draining = false;
  Changes changes;
  Sweeps sweeps{changes, now};
  Roster roster;
  Quarantine quarantine;
  CheckpointIndex checkpoints;

  TrialStates trial_states{changes};
  Proposals proposals{changes, now};
  Stops stops{{sweeps, roster, trial_states, changes, draining, now}};
  Attempts attempts{{options, sweeps, quarantine, checkpoints, trial_states, stops, changes, now}};
  Terminations terminations{{stops, trial_states, changes, now}};
  Reuse reuse{{options, trial_states, changes, now}};
  Reports reports{{options, sweeps, quarantine, checkpoints, trial_states, attempts, terminations,
                   reuse, changes, now}};
  Sessions sessions{{options, life, roster, stops, attempts, reports, changes, now}};
  Timers timers{{options, sweeps, roster, checkpoints, stops, attempts, changes, now}};
  Checkpoints arrivals{{life, sweeps, checkpoints, changes, now}};
  Submissions submissions{{options, sweeps, changes, draining, now}};
  Races races{{options, trial_states, changes, now}};
  Steering steering{{sweeps, quarantine, trial_states, stops, now}};

  void handle(const event::WorkerFrameArrived& event) { sessions.hear(event); }
  void handle(const event::SubmitRequested& event) {
    if (event.frozen->spec.reuse) reuse.begin(event.known_results);
    reply(event.peer, submissions.submit(event.frozen));
  }
  void handle(const event::ExtendRequested& event) {
    reply(event.peer, submissions.extend(event.sweep, event.frozen));
  }
  void handle(const event::WidenRequested& event) {
    reply(event.peer, submissions.widen(event.sweep, event.by));
  }
  void handle(const event::SteerRequested& event) {
    reply(event.peer, steering.steer(event.request));
  }
  void handle(const event::ReleaseRequested& event) {
    reply(event.peer, steering.release(event.request));
  }
  void handle(const event::CheckpointArrived& event) { arrivals.take(event); }
  void handle(const event::Tick&) { timers.judge(); }
  void handle(const event::DrainRequested&) {
    if (std::exchange(draining, true)) return;
    for (auto& [session, worker] : roster.workers()) {
      for (auto& [key, lease] : worker.leases) stops.remind(worker, lease);
    }
  }
  void reply(const PeerId& peer, ClientReply reply) {
    changes.send(effect::ReplyToClient{peer, std::move(reply)});
  }

  // What follows for a sweep whose trials have changed.
  void follow_up(Sweep& sweep) {
    races.judge(sweep);
    terminations.end_rungs(sweep);
    sweeps.settle(sweep);
  }

  void give_out_work() {
    if (sweeps.running().empty()) return;
    const Dispatch dispatch(sweeps, roster, quarantine, checkpoints, options, now.steady);
    for (auto& [session, worker] : roster.workers()) {
      if (!dispatch.open_for_work(worker)) continue;
      while (carry_out(worker, dispatch.next(worker))) {
      }
    }
  }
  // True where the worker was given a trial, or one was spared.
  bool carry_out(Worker& worker, Placement placement) {
    bool given = false;
    for (auto& [id, found] : placement.searches) {
      Sweep& sweep = sweeps.at(id);
      const auto number = found.number;
      if (number && !proposals.ensure(sweep, *number)) break;
      const KnownResult* known = number ? reuse.find(worker, sweep, *number) : nullptr;
      if (known != nullptr && !reuse.may_take()) break;
      sweep.queue.settle(std::move(found),
                         [&](std::int64_t one) { return sweep.trials.find(one) == nullptr; });
      if (!number) continue;
      given = true;
      if (known == nullptr) {
        if (sweep.at_rung(*number)) terminations.promote(sweep, *number);
        attempts.open(worker, sweep, *number);
        continue;
      }
      reuse.take(sweep, *number, *known);
      follow_up(sweep);
    }
    return given;
  }
};

Scheduler::Scheduler(Snapshot snapshot, SchedulerOptions options, Instant now, HeardFrames heard)
    : parts_(std::make_unique<Parts>(std::move(options), snapshot.life, now, std::move(heard))) {
  assert(parts_->options.config_hash && parts_->options.freeze);
  for (auto& [trial, checkpoint] : snapshot.checkpoints) {
    parts_->checkpoints.put(trial, std::move(checkpoint));
  }
  const bool reuses = std::any_of(snapshot.sweeps.begin(), snapshot.sweeps.end(),
                                  [](const auto& sweep) { return sweep.frozen->spec.reuse; });
  if (reuses) parts_->reuse.begin(std::move(snapshot.known_results));
  Restoring restoring({parts_->options, parts_->sweeps, parts_->roster, parts_->now});
  for (SweepSnapshot& sweep : snapshot.sweeps) restoring.restore(std::move(sweep));
}

Scheduler::~Scheduler() = default;
Scheduler::Scheduler(Scheduler&&) noexcept = default;
Scheduler& Scheduler::operator=(Scheduler&&) noexcept = default;

std::vector<Effect> Scheduler::on(const Event& event, Instant now) {
  Parts& parts = *parts_;
  parts.timers.forgive(now.steady - parts.now.steady);
  parts.now = now;
  std::visit([&](const auto& one) { parts.handle(one); }, event);
  for (const SweepId id : parts.changes.take_sweeps()) parts.follow_up(parts.sweeps.at(id));
  parts.proposals.begin();
  if (parts.draining) {
    parts.timers.quit_idle_workers();
  } else {
    parts.give_out_work();
  }
  return parts.changes.flush(parts.sweeps, parts.roster, now);
}

HeardFrames Scheduler::heard() const { return parts_->roster.heard(); }

Overview Scheduler::overview(Instant now) const {
  const Parts& parts = *parts_;
  return Picture(parts.sweeps, parts.roster, parts.quarantine, parts.options, now.steady)
      .overview();
}

bool Scheduler::holds_work_back() const { return parts_->proposals.held_back(); }

bool Scheduler::idle() const {
  const auto& workers = parts_->roster.workers();
  return std::all_of(workers.begin(), workers.end(),
                     [](const auto& entry) { return entry.second.leases.empty(); });
}

bool Scheduler::awaits_checkpoints(Instant now) const {
  return parts_->checkpoints.awaits_any(now.steady);
}

// Whatever is not RUNNING needs nothing but its held trials to end.
bool Scheduler::all_finished() const { return parts_->sweeps.running().empty() && idle(); }

}  // namespace firesweep
