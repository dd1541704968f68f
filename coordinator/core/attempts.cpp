#include "coordinator/core/attempts.h"

#include <cassert>
#include <utility>

#include "coordinator/core/description.h"
#include "coordinator/core/work.h"
#include "shared/base/clock.h"
#include "shared/domain/value.h"

namespace firesweep {
namespace {

// A whole trial from its first epoch, under this coordinator's eyes. What was resumed, adopted or
// cut short takes milliseconds, and would earn its worker many trials that take hours.
bool shows_pace(const Lease& lease, AttemptEnd end) {
  const bool adopted = lease.assign_sequence == 0;
  return end == AttemptEnd::kFinished && !adopted && lease.from_epoch == 0;
}

}  // namespace

// Complete trainings of which this one is a longer one, if it may go on from their checkpoints.
std::vector<EarlierTraining> Attempts::begun_as(const Sweep& sweep, std::int64_t number) const {
  assert(sweep.space && sweep.lineage);  // the sweep is not broken
  std::vector<EarlierTraining> earlier;
  for (const std::int64_t other : sweep.lineage->continued(*sweep.space, number)) {
    const Trial* trial = sweep.trials.find(other);
    if (trial == nullptr || !std::holds_alternative<Complete>(trial->state)) continue;
    const TrialId id = make_trial_id(sweep.id, other);
    earlier.push_back({{id, newest_attempt(trial->state)},
                       describe(sweep, other, state_.options).config_hash,
                       state_.checkpoints.find(id) != nullptr});
    if (earlier.size() == kMostEarlier) break;
  }
  return earlier;
}

void Attempts::open(Worker& worker, Sweep& sweep, std::int64_t number) {
  assert(sweep.space);  // no trial of a broken sweep is dispatched
  const TrialDescription description = describe(sweep, number, state_.options);
  const TrialConfig& config = description.config;
  const Cost cost = sweep.space->cost(number);
  const SweepSpec& spec = sweep.spec();
  Trial& trial = sweep.trials.touch(number);
  const TrialKey key{make_trial_id(sweep.id, number), {newest_attempt(trial.state).value + 1}};
  state_.trial_states.apply({&sweep, number, &trial}, trial_event::AssignedTo{key.attempt});
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
  lease.first_unit = first_unit_bound(cost.macs, config.batch_size, state_.options.stall_floor,
                                      state_.options.first_unit_ceiling);
  lease.work = trial.work;
  lease.epochs = config.epochs;
  lease.train_seconds_before = trial.train_seconds;
  worker.leases.emplace(key, lease);

  for (const SweepId id : state_.sweeps.running()) {
    if (id != sweep.id) state_.sweeps.at(id).idle.leaves(worker.name);
  }
  sweep.idle.opened();
  state_.checkpoints.forget(key.trial);
  state_.changes.persist(record::AttemptOpened{key, description, worker.name, worker.session,
                                               trial.epoch_at_lease, utc()});
  state_.changes.tell(
      worker, Assign{key, spec.name, std::string(to_string(spec.trainer)),
                     std::string(to_string(spec.dataset)), sweep.frozen->dataset_checksum, config,
                     sweep.space->architecture(number), description.config_hash,
                     trial.train_seconds, state_.checkpoints.find(key.trial) != nullptr,
                     spec.checkpoint.value_or(CheckpointRules{}), sweep.frozen->hash,
                     begun_as(sweep, number)});
}

void Attempts::start(Worker& worker, const TrialRef& ref, std::int64_t from_epoch,
                     bool checkpoint_missed) {
  Lease& lease = worker.leases.at({ref.id(), live_attempt(ref.trial->state)});
  if (lease.started) return;
  lease.started = true;
  lease.started_at = now();
  worker.attendance.trial_begins(now());
  lease.from_epoch = from_epoch;
  lease.progress.start(now(), lease.first_unit);
  ref.trial->started = true;
  state_.trial_states.apply(ref, trial_event::Started{});
  state_.changes.persist(record::AttemptStarted{lease.key, from_epoch, checkpoint_missed, utc()});
  state_.stops.remind(worker, lease);
}

void Attempts::end(Worker& worker, TrialKey key, Ending ending) {
  const TrialRef ref = state_.sweeps.find(key.trial);
  const auto lease = worker.leases.find(key);
  assert(lease != worker.leases.end());
  if (shows_pace(lease->second, ending.end)) {
    worker.measure_end(ref.sweep->id, now());
  } else {
    worker.measure_from(now());
  }
  if (lease->second.started) worker.attendance.trial_ends(now());
  if (worker.leases.size() == 1) ref.sweep->idle.ended(worker.name, now());
  worker.leases.erase(lease);
  worker.live.reset();
  explain_timeout(ref, ending);
  state_.changes.persist(
      record::AttemptEnded{key, ending.end, ending.reason, ending.message, ending.charged, utc()});
  ref.trial->avoid_worker = ending.avoid_worker;
  state_.changes.trial(key.trial, std::move(ending.message));
  state_.trial_states.apply(ref, ending.event);
  if (std::holds_alternative<Failed>(ref.trial->state)) check_failures(*ref.sweep);
}

// What ends because of a limit says which, where it does not say more.
void Attempts::explain_timeout(const TrialRef& ref, Ending& ending) const {
  const auto* stopping = std::get_if<Stopping>(&ref.trial->state);
  const auto& longest = ref.sweep->spec().max_trial_duration;
  if (stopping == nullptr || stopping->reason != Reason::kTimeout || !longest) return;
  if (ending.end == AttemptEnd::kFinished || !ending.message.empty()) return;
  ending.message =
      "took longer than max_trial_duration, " + to_string(Value(seconds_in(*longest))) + " s";
}

void Attempts::lose(Worker& worker, TrialKey key, const std::string& why) {
  const TrialRef ref = state_.sweeps.find(key.trial);
  Trial& trial = *ref.trial;
  const bool stopping = std::holds_alternative<Stopping>(trial.state);
  const bool wasted =
      worker.leases.at(key).started && trial.checkpoint_epoch <= trial.epoch_at_lease;
  const bool may_restart = !wasted || trial.restarts < ref.sweep->spec().max_restarts;
  const bool charged = wasted && may_restart && !stopping;
  if (charged) ++trial.restarts;
  if (wasted && !stopping) state_.quarantine.note_failure(worker.name, key.trial, now());
  end(worker, key,
      {trial_event::AttemptLost{may_restart}, AttemptEnd::kLost, Reason::kLost, why, charged,
       wasted});
}

void Attempts::unstart(Worker& worker, TrialKey key, const std::string& why) {
  end(worker, key, {trial_event::Unstarted{}, AttemptEnd::kUnstarted, {}, why, false, false});
}

void Attempts::check_failures(Sweep& sweep) {
  const auto& most = sweep.spec().max_failed_trials;
  const auto failed = static_cast<std::int64_t>(sweep.trials.failed().size());
  if (sweep.state != SweepState::kRunning || !most || failed <= *most) return;
  state_.sweeps.move(sweep, SweepEvent::kTooManyFailures);
  state_.stops.request_all(sweep, Reason::kDrain);
}

}  // namespace firesweep
