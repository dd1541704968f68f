// How attempts begin and end: dispatch, charging, stops.
#include <algorithm>
#include <cassert>
#include <utility>

#include "coordinator/core/matching.h"
#include "coordinator/core/scheduler_core.h"

namespace firesweep {
namespace {

// A whole trial from its first epoch, under this coordinator's eyes. What was resumed, adopted or
// cut short takes milliseconds, and would earn its worker many trials that take hours.
bool shows_pace(const Lease& lease, AttemptEnd end) {
  const bool adopted = lease.assign_sequence == 0;
  return end == AttemptEnd::kFinished && !adopted && lease.from_epoch == 0;
}

}  // namespace

// ---- beginning
// ---------------------------------------------------------------------------------------------------

void SchedulerCore::dispatch() {
  if (running_.empty()) return;
  for (auto& [session, worker] : roster_.workers()) {
    if (!open_for_work(worker)) continue;
    while (assign_one(worker)) {
    }
  }
}

bool SchedulerCore::open_for_work(const Worker& worker) const {
  return worker.connected && !worker.leaving && !worker.preempted && !silent(worker, now());
}

// Sweeps are served in the order of their ids.
bool SchedulerCore::assign_one(Worker& worker) {
  for (const SweepId id : running_) {
    Sweep& sweep = sweeps_.at(id);
    if (!sweep.wants_worker() || worker.load() >= worker.credit(id, now())) continue;
    if (!can_run(worker.capabilities, *sweep.frozen) || kept_away(worker, sweep)) continue;
    if (const auto number = next_for(worker, sweep)) {
      assign(worker, sweep, *number);
      return true;
    }
  }
  return false;
}

// A quarantine holds only while trusted workers can do the work: where all have failed, the fault
// is the trials', and waiting would help nobody.
bool SchedulerCore::kept_away(const Worker& worker, const Sweep& sweep) const {
  if (!roster_.quarantined(worker.name, now())) return false;
  const std::vector<std::string> amps = sweep.amps();
  return std::all_of(amps.begin(), amps.end(), [&](const std::string& amp) {
    return !fits_amp(worker.capabilities, amp) || another_can(worker, sweep, amp);
  });
}

std::optional<std::int64_t> SchedulerCore::next_for(const Worker& worker, Sweep& sweep) const {
  const auto kind = [&sweep](std::int64_t number) {
    const auto config = sweep.space->config(number);
    return config ? config->amp : std::string();
  };
  const auto fits = [&worker](const std::string& amp) {
    return fits_amp(worker.capabilities, amp);
  };
  return sweep.queue.take({
      .returned =
          [&](std::int64_t number) {
            if (shelf_.awaits(make_trial_id(sweep.id, number), now())) return false;
            const std::string amp = kind(number);
            if (amp.empty() || !fits(amp)) return false;
            const Trial* trial = sweep.trials.find(number);
            return !trial->avoid_worker || trial->worker != worker.name ||
                   !another_can(worker, sweep, amp);
          },
      .untouched = [&](std::int64_t number) { return sweep.trials.find(number) == nullptr; },
      .kind = kind,
      .fits = fits,
  });
}

bool SchedulerCore::another_can(const Worker& worker, const Sweep& sweep,
                                const std::string& amp) const {
  return std::any_of(roster_.workers().begin(), roster_.workers().end(), [&](const auto& entry) {
    const Worker& other = entry.second;
    return other.name != worker.name && open_for_work(other) &&
           !roster_.quarantined(other.name, now()) && can_run(other.capabilities, *sweep.frozen) &&
           fits_amp(other.capabilities, amp);
  });
}

void SchedulerCore::assign(Worker& worker, Sweep& sweep, std::int64_t number) {
  const TrialConfig config = *sweep.space->config(number);
  const ResolvedArchitecture& architecture = sweep.space->architecture(number);
  const Cost cost = sweep.space->cost(number);
  const SweepSpec& spec = sweep.spec();
  Trial& trial = sweep.trials.touch(number);
  const TrialKey key{make_trial_id(sweep.id, number), {newest_attempt(trial.state).value + 1}};
  apply({&sweep, number, &trial}, trial_event::AssignedTo{key.attempt});
  trial.session = worker.session;
  trial.worker = worker.name;
  trial.avoid_worker = false;
  trial.started = false;
  trial.epoch_at_lease = trial.checkpoint_epoch;
  trial.work = work_of(*sweep.frozen, config, cost);

  if (worker.leases.empty()) worker.measure_from(now());
  Lease lease;
  lease.key = key;
  lease.assign_sequence = worker.sequence + 1;
  lease.assigned_at = now();
  lease.first_unit = first_unit_bound(cost.macs, config.batch_size, options_.stall_floor,
                                      options_.first_unit_ceiling);
  lease.work = trial.work;
  lease.epochs = config.epochs;
  lease.train_seconds_before = trial.train_seconds;
  worker.leases.emplace(key, lease);

  const std::string hash =
      options_.config_hash(config, architecture.hash, sweep.frozen->dataset_checksum, spec.trainer);
  shelf_.forget(key.trial);
  persist(record::AttemptOpened{key, config, architecture.name, architecture.hash, hash,
                                cost.params, cost.macs, worker.name, worker.session,
                                trial.epoch_at_lease, utc()});
  tell(worker,
       Assign{key, spec.name, spec.trainer, spec.dataset, sweep.frozen->dataset_checksum, config,
              architecture, hash, trial.train_seconds, shelf_.find(key.trial) != nullptr,
              spec.checkpoint.value_or(CheckpointRules{}), sweep.frozen->hash});
}

// ---- ending
// ------------------------------------------------------------------------------------------------------

void SchedulerCore::end_attempt(Worker& worker, TrialKey key, Ending ending) {
  const Place place = find(key.trial);
  const auto lease = worker.leases.find(key);
  assert(lease != worker.leases.end());
  if (shows_pace(lease->second, ending.end)) {
    worker.measure_end(place.sweep->id, now());
  } else {
    worker.measure_from(now());
  }
  worker.leases.erase(lease);
  worker.live.reset();
  explain_timeout(place, ending);
  persist(
      record::AttemptEnded{key, ending.end, ending.reason, ending.message, ending.charged, utc()});
  place.trial->avoid_worker = ending.avoid_worker;
  mark(key.trial, std::move(ending.message));
  apply(place, ending.event);
}

// What ends because of a limit says which, where it does not say more.
void SchedulerCore::explain_timeout(const Place& place, Ending& ending) const {
  const auto* stopping = std::get_if<Stopping>(&place.trial->state);
  const auto& longest = place.sweep->spec().max_trial_duration;
  if (stopping == nullptr || stopping->reason != Reason::kTimeout || !longest) return;
  if (ending.end == AttemptEnd::kFinished || !ending.message.empty()) return;
  ending.message = "took longer than max_trial_duration, " +
                   to_string(Value(std::chrono::duration<double>(*longest).count())) + " s";
}

// Charged only if it had started and left nothing newer than there was when it began.
void SchedulerCore::lose(Worker& worker, TrialKey key, const std::string& why) {
  const Place place = find(key.trial);
  Trial& trial = *place.trial;
  const bool stopping = std::holds_alternative<Stopping>(trial.state);
  const bool wasted =
      worker.leases.at(key).started && trial.checkpoint_epoch <= trial.epoch_at_lease;
  const bool may_restart = !wasted || trial.restarts < place.sweep->spec().max_restarts;
  const bool charged = wasted && may_restart && !stopping;
  if (charged) ++trial.restarts;
  if (wasted && !stopping) roster_.note_failure(worker.name, key.trial, now());
  end_attempt(worker, key,
              {trial_event::AttemptLost{may_restart}, AttemptEnd::kLost, Reason::kLost, why,
               charged, wasted});
}

void SchedulerCore::unstart(Worker& worker, TrialKey key, const std::string& why) {
  end_attempt(worker, key,
              {trial_event::Unstarted{}, AttemptEnd::kUnstarted, {}, why, false, false});
}

// ---- changing
// ----------------------------------------------------------------------------------------------------

// What has not begun is recalled where its work is wanted later, and stopped where it is not.
void SchedulerCore::request_stop(const Place& place, Reason reason) {
  Worker* holder = nullptr;
  Lease* lease = lease_of(place, &holder);
  assert(lease != nullptr);
  const bool recall =
      reason == Reason::kDrain && std::holds_alternative<Assigned>(place.trial->state);
  if (!recall) apply(place, trial_event::StopRequested{reason});
  remind(*holder, *lease);
}

// Sends the command a lease's state calls for, if any; also a repeated one, since frames get lost.
void SchedulerCore::remind(Worker& worker, Lease& lease) {
  const Place place = find(lease.key.trial);
  const SweepState sweep = place.sweep->state;
  const bool closing = draining_ || sweep == SweepState::kStopping;
  if (closing && std::holds_alternative<Running>(place.trial->state)) {
    apply(place, trial_event::StopRequested{Reason::kDrain});
  }
  if (const auto* stopping = std::get_if<Stopping>(&place.trial->state)) {
    tell(worker, Stop{lease.key, stopping->reason});
  } else if (std::holds_alternative<Assigned>(place.trial->state) &&
             (closing || sweep == SweepState::kPaused)) {
    tell(worker, Recall{lease.key});
  }
  lease.reminded_at = now();
}

// The one way a trial's state changes. An illegal pair is our own mistake: what peers send was
// judged before.
void SchedulerCore::apply(const Place& place, const TrialEvent& event) {
  const TrialState before = place.trial->state;
  const auto moved = place.sweep->trials.apply(place.number, event);
  assert(moved.has_value());
  if (place.trial->state == before) return;
  mark(make_trial_id(place.sweep->id, place.number));
  if (std::holds_alternative<Waiting>(place.trial->state)) {
    place.sweep->queue.put_back(place.number);
  } else if (std::holds_alternative<Waiting>(before)) {
    place.sweep->queue.remove(place.number);
  }
  trial_ended(place, before);
}

void SchedulerCore::trial_ended(const Place& place, const TrialState& before) {
  if (!is_terminal(place.trial->state) || is_terminal(before)) return;
  Sweep& sweep = *place.sweep;
  sweep.work_done += sweep.work_of_trial(place.number);
  if (std::holds_alternative<Failed>(place.trial->state)) check_failures(sweep);
}

void SchedulerCore::check_failures(Sweep& sweep) {
  const auto& most = sweep.spec().max_failed_trials;
  const auto failed = static_cast<std::int64_t>(sweep.trials.failed().size());
  if (sweep.state != SweepState::kRunning || !most || failed <= *most) return;
  move_sweep(sweep, SweepEvent::kTooManyFailures);
  stop_live(sweep, Reason::kDrain);
}

}  // namespace firesweep
