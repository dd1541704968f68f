#include "coordinator/core/restoring.h"

#include <algorithm>
#include <string>
#include <utility>

#include "coordinator/core/terminations.h"
#include "coordinator/core/work.h"

namespace firesweep {

Result<void> Restoring::restore_search(SweepSpace& space, const SweepSnapshot& snapshot) {
  if (!space.learns()) return {};
  for (const Proposal& proposal : snapshot.proposals) {
    if (auto kept = space.keep(proposal); !kept) return kept;
  }
  for (const SearchResult& result : snapshot.results) {
    if (!space.config(result.number)) {
      return fail(ErrorCode::kBadInput, "trial " + std::to_string(result.number),
                  "it has a result and was never proposed");
    }
    space.learn(result.number, result.score);
  }
  return {};
}

void Restoring::restore_space(Sweep& sweep, const SweepSnapshot& snapshot) {
  const auto broken = [&](std::string why) {
    sweep.broken = std::move(why);
    sweep.trials =
        Trials(std::max(snapshot.total_trials, static_cast<std::int64_t>(snapshot.trials.size())));
  };
  if (!snapshot.broken.empty()) return broken(snapshot.broken);
  auto space = SweepSpace::make(sweep.frozen);
  Result<void> made;
  if (!space) made = tl::unexpected(space.error());
  for (const auto& extension : snapshot.extensions) {
    state_.sweeps.note_file(extension->hash, sweep.id);
    if (made) made = space->extend(extension);
  }
  if (!made) return broken("this build cannot generate its trials: " + to_string(made.error()));
  // A number that came to mean another trial would be trained under its name.
  if (space->trials() != snapshot.total_trials) {
    return broken("this build makes " + std::to_string(space->trials()) + " trials of it where " +
                  std::to_string(snapshot.total_trials) + " were submitted");
  }
  if (const auto known = restore_search(*space, snapshot); !known) {
    return broken("what it has learnt does not read back: " + to_string(known.error()));
  }
  sweep.frozen = space->newest();
  sweep.trials = Trials(space->trials());
  sweep.space.emplace(std::move(*space));
}

void Restoring::restore_race(Sweep& sweep, const SweepSnapshot& snapshot) {
  if (!sweep.race) return;
  for (const auto& [number, trial] : snapshot.trials) sweep.race->note(number, trial.state);
  const double sign = sweep.spec().maximize ? 1 : -1;
  for (const SearchResult& result : snapshot.seed_scores) {
    if (result.score) sweep.race->score(result.number, sign * *result.score);
  }
  for (const auto& [number, evidence] : snapshot.raced_out) sweep.race->restore(number, evidence);
}

void Restoring::restore(SweepSnapshot&& snapshot) {
  Sweep& sweep = state_.sweeps.add(snapshot.sweep);
  sweep.state = snapshot.state;
  sweep.failing = snapshot.failing;
  sweep.asleep = state_.options.only_submitted;
  sweep.frozen = std::move(snapshot.frozen);
  sweep.best_trial = snapshot.best_trial;
  sweep.best_accuracy = snapshot.best_accuracy;
  state_.sweeps.note_file(sweep.frozen->hash, sweep.id);
  restore_space(sweep, snapshot);
  Terminations::begin(sweep, snapshot.scores, snapshot.promotions);
  sweep.lay_out();
  for (const auto& [number, stored] : snapshot.trials) {
    Trial trial;
    trial.state = stored.state;
    trial.restarts = stored.restarts;
    trial.checkpoint_epoch = stored.checkpoint_epoch;
    trial.train_seconds = stored.train_seconds;
    trial.session = stored.session;
    trial.worker = stored.worker;
    trial.started = stored.started;
    trial.epoch_at_lease = stored.known_epoch;
    trial.reused = stored.reused;
    sweep.trials.restore(number, std::move(trial));
    if (std::holds_alternative<Waiting>(stored.state) && !sweep.at_rung(number)) {
      sweep.queue.put_back(number);
    }
    if (live_attempt(stored.state) != AttemptNo{}) restore_lease(sweep, number, stored);
  }
  restore_race(sweep, snapshot);
  if (is_unfinished(sweep.state)) sweep.prepare();
  state_.sweeps.note_state(sweep);
}

void Restoring::restore_lease(Sweep& sweep, std::int64_t number, const TrialSnapshot& snapshot) {
  Worker& worker = state_.roster.enter(snapshot.session, now());
  worker.name = snapshot.worker;
  Lease lease;
  lease.key = {make_trial_id(sweep.id, number), live_attempt(snapshot.state)};
  lease.assigned_at = now();
  lease.started = snapshot.started || std::holds_alternative<Running>(snapshot.state);
  lease.started_at = now();
  lease.train_seconds_before = snapshot.train_seconds;
  lease.last_epoch = std::max(snapshot.checkpoint_epoch, snapshot.resumed_from_epoch);
  lease.first_unit = state_.options.first_unit_ceiling;
  if (sweep.space) {
    if (const auto config = sweep.space->config(number)) {
      const Cost cost = sweep.space->cost(number);
      lease.work = work_of(*sweep.frozen, *config, cost);
      lease.epochs = config->epochs;
      lease.first_unit = first_unit_bound(cost.macs, config->batch_size, state_.options.stall_floor,
                                          state_.options.first_unit_ceiling);
      sweep.trials.touch(number).work = lease.work;
    }
  }
  lease.progress.start(now(), lease.first_unit);
  if (lease.started) worker.attendance.trial_begins(now());
  worker.leases.emplace(lease.key, lease);
}

}  // namespace firesweep
