#include "tests/simulation/ledger.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "tests/simulation/ledger_rules.h"

namespace firesweep::simulation {
namespace {

bool stopping_for(const TrialState& state, Reason reason) {
  const auto* stopping = std::get_if<Stopping>(&state);
  return stopping != nullptr && stopping->reason == reason;
}

// DRAIN < EARLY_STOP < TIMEOUT < USER.
int severity(Reason reason) {
  switch (reason) {
    case Reason::kDrain:
      return 1;
    case Reason::kEarlyStop:
      return 2;
    case Reason::kTimeout:
      return 3;
    case Reason::kUser:
      return 4;
    default:
      return 0;
  }
}

bool failed_as_lost(const TrialState& state) {
  const auto* failed = std::get_if<Failed>(&state);
  return failed != nullptr && failed->reason == Reason::kLost;
}

// Where a sweep may go from a state (PROMISES §2).
bool may_follow(SweepState from, SweepState to) {
  using enum SweepState;
  switch (from) {
    case kRunning:
      return to != kStopped;
    case kPaused:
      return to == kRunning || to == kStopping || to == kCancelled;
    case kStopping:
      return to == kStopped || to == kFailed || to == kCancelled;
    case kStopped:
    case kFinished:
    case kFailed:
      return to == kRunning;
    case kCancelled:
      return false;
  }
  return false;
}

}  // namespace

void Ledger::expect(std::shared_ptr<const FrozenSweep> frozen) {
  const std::string hash = frozen->hash;
  expected_.emplace(hash, std::move(frozen));
}

void Ledger::want(const request::Steer& steer) {
  using request::Verb;
  LedgerSweep& asked = sweep(steer.sweep);
  LedgerTrial* one = steer.trial ? &asked.trials[number_of(*steer.trial)] : nullptr;
  switch (steer.verb) {
    case Verb::kPause:
      asked.wanted.insert(SweepState::kPaused);
      break;
    case Verb::kResume:
      asked.wanted.insert(SweepState::kRunning);
      break;
    case Verb::kStop:
      asked.wanted.insert(SweepState::kStopping);
      break;
    case Verb::kCancel:
      if (one != nullptr) {
        one->cancel_wanted = true;
      } else {
        asked.wanted.insert(SweepState::kCancelled);
      }
      break;
    case Verb::kRetry:
      (one != nullptr ? one->retry_wanted : asked.retry_wanted) = true;
      asked.wanted.insert(SweepState::kRunning);
      break;
  }
}

void Ledger::want_running(const std::string& hash) {
  for (auto& [id, known] : sweeps_) {
    if (known.has_file(hash)) known.wanted.insert(SweepState::kRunning);
  }
}

void Ledger::want_extended(SweepId id, std::shared_ptr<const FrozenSweep> by) {
  LedgerSweep& asked = sweep(id);
  asked.wanted.insert(SweepState::kRunning);
  const std::string hash = by->hash;
  asked.extensions_wanted.emplace(hash, std::move(by));
}

void Ledger::want_seed(SweepId id, std::int64_t seed) {
  LedgerSweep& asked = sweep(id);
  asked.wanted.insert(SweepState::kRunning);
  asked.seeds_wanted.insert(seed);
}

void Ledger::want_cap(SweepId id, std::int64_t run_cap) {
  LedgerSweep& asked = sweep(id);
  asked.wanted.insert(SweepState::kRunning);
  asked.caps_wanted.insert(run_cap);
}

LedgerSweep& Ledger::sweep(SweepId id) {
  const auto found = sweeps_.find(id);
  if (found == sweeps_.end()) {
    throw Violation("sweep " + std::to_string(id.value) + ": spoken of, never added");
  }
  return found->second;
}

LedgerTrial& Ledger::trial(TrialId id) {
  touched_.insert(id);
  return sweep(sweep_of(id)).trials[number_of(id)];
}

LedgerAttempt& Ledger::attempt(TrialKey key) {
  LedgerTrial& owner = trial(key.trial);
  const auto found = owner.attempts.find(key.attempt);
  require(found != owner.attempts.end(), key.trial, "attempt ", to_string(key),
          " is spoken of and was never opened");
  return found->second;
}

const LedgerTrial* Ledger::find(TrialId id) const {
  const auto owner = sweeps_.find(sweep_of(id));
  if (owner == sweeps_.end()) return nullptr;
  const auto found = owner->second.trials.find(number_of(id));
  return found == owner->second.trials.end() ? nullptr : &found->second;
}

const LedgerAttempt* Ledger::find(TrialKey key) const {
  const LedgerTrial* owner = find(key.trial);
  if (owner == nullptr) return nullptr;
  const auto found = owner->attempts.find(key.attempt);
  return found == owner->attempts.end() ? nullptr : &found->second;
}

bool Ledger::at_rest() const {
  if (sweeps_.size() < expected_.size() || !live_.empty()) return false;
  return std::none_of(sweeps_.begin(), sweeps_.end(), [](const auto& entry) {
    const SweepState state = entry.second.state;
    return is_unfinished(state) || state == SweepState::kStopped;
  });
}

void Ledger::enter(std::span<const Record> records) {
  touched_.clear();
  opened_.clear();
  failed_.clear();
  due_.clear();
  came_.clear();
  beyond_.clear();
  pruned_.clear();
  moved_.clear();
  proposed_.clear();
  raced_.clear();
  for (const Record& record : records) {
    std::visit([this](const auto& one) { enter(one); }, record);
  }
  for (const TrialId id : touched_) judge_whole(id);
  // The trial's own row comes last in a group.
  for (const TrialKey key : opened_) {
    require(attempt(key).checkpoint_before == trial(key.trial).checkpoint_epoch, key.trial,
            "assigned as if another epoch had been reached");
    judge_round(key);
  }
  for (const TrialId id : raced_) judge_raced_out(id);
  for (const TrialKey key : due_) {
    require(false, key.trial, to_string(key),
            " goes on though it is not among the best at its rung");
  }
  for (const TrialKey key : came_) judge_rung(key);
  for (const TrialId id : beyond_) judge_beyond(id);
  for (const TrialId id : pruned_) judge_pruned(id);
  for (const SweepId id : moved_) judge_moved(id);
  for (const record::PointProposed& one : proposed_) judge_running(one);
}

void Ledger::enter(const record::SweepAdded& added) {
  const auto expected = expected_.find(added.frozen->hash);
  if (expected == expected_.end()) throw Violation("a sweep was added that nobody submitted");
  for (const auto& [id, known] : sweeps_) {
    if (known.has_file(added.frozen->hash)) throw Violation("a sweep was added twice");
  }
  auto space = SweepSpace::make(expected->second);
  if (!space) throw Violation(to_string(space.error()));
  if (space->trials() != added.total_trials) throw Violation("a sweep has another size");
  LedgerSweep& fresh = sweeps_[added.sweep];
  fresh.frozen = expected->second;
  fresh.files.insert(added.frozen->hash);
  fresh.space.emplace(std::move(*space));
  lay_race(fresh);
  lay_lengths(fresh);
}

void Ledger::enter(const record::SweepChanged& changed) {
  LedgerSweep& known = sweep(changed.sweep);
  const std::string who = "sweep " + std::to_string(changed.sweep.value) + ": ";
  if (!may_follow(known.state, changed.state)) {
    throw Violation(who + std::string(to_string(known.state)) + " became " +
                    std::string(to_string(changed.state)));
  }
  // Only FINISHED, FAILED and STOPPED come about by themselves.
  const bool by_itself = !is_unfinished(changed.state) && changed.state != SweepState::kCancelled;
  if (!by_itself && !changed.failing && !known.wanted.contains(changed.state)) {
    throw Violation(who + "became " + std::string(to_string(changed.state)) +
                    ", and nobody had asked for it");
  }
  known.state = changed.state;
  ++known.moves[changed.state];
  known.failing = changed.failing;
  moved_.insert(changed.sweep);
}

void Ledger::enter(const record::SweepExtended& extended) {
  LedgerSweep& known = sweep(extended.sweep);
  const std::string who = "sweep " + std::to_string(extended.sweep.value) + ": ";
  const std::int64_t cap = extended.frozen->spec.run_cap.value_or(0);
  if (!(known.space->learns() && known.caps_wanted.contains(cap)) &&
      !known.extensions_wanted.contains(extended.frozen->hash) &&
      !adds_a_wanted_seed(*known.space, known.seeds_wanted, *extended.frozen)) {
    throw Violation(who + "extended by what nobody had asked for");
  }
  if (known.state == SweepState::kStopping || known.state == SweepState::kCancelled) {
    throw Violation(who + "extended while it is " + std::string(to_string(known.state)));
  }
  const std::int64_t base = known.space->raw();
  if (const auto done = known.space->extend(extended.frozen); !done) {
    throw Violation(who + to_string(done.error()));
  }
  if (extended.base != base || extended.segment != known.space->segments() - 1 ||
      extended.total_trials != known.space->trials()) {
    throw Violation(who + "its extension has other numbers");
  }
  known.frozen = extended.frozen;
  known.files.insert(extended.frozen->hash);
  lay_race(known);
  lay_lengths(known);
}

void Ledger::enter(const record::AttemptOpened& opened) {
  LedgerSweep& owner = sweep(sweep_of(opened.key.trial));
  LedgerTrial& known = trial(opened.key.trial);
  const TrialId id = opened.key.trial;
  require(!draining_, id, "assigned while the coordinator is being drained");
  require(owner.state == SweepState::kRunning, id, "assigned while its sweep is ",
          std::string(to_string(owner.state)));
  require(known.live() == AttemptNo{}, id, "a second live attempt");
  require(!known.at_rung(), id, "given out while it waits at its rung");
  if (is_terminal(known.state)) retry(owner, known, id);
  require(!known.accepted, id, "assigned though it has a result");
  require(opened.key.attempt.value == known.newest().value + 1, id, "attempt numbers have a gap");
  const auto config = owner.space->config(number_of(id));
  require(config.has_value(), id, "not a trial of its sweep");
  require(*config == opened.description.config, id,
          "assigned with another config than its number gives");
  if (known.config_hash.empty()) describe_training(owner, number_of(id), *config, known);
  require(known.config_hash == opened.description.config_hash, id,
          "assigned with another config hash");
  require(workers_.contains(opened.session), id, "assigned to a worker nobody has seen");
  known.length = config->epochs;
  known.variant = config->variant;
  LedgerAttempt fresh;
  fresh.session = opened.session;
  fresh.checkpoint_before = opened.known_epoch;
  fresh.earlier = earlier_of(id);
  fresh.could_resume = known.stored || !fresh.earlier.empty();
  opened_.insert(opened.key);
  known.attempts.emplace(opened.key.attempt, fresh);
  live_.insert(opened.key);
  const auto& most = owner.frozen->spec.max_concurrent_trials;
  require(!most || owner.live < *most, id, "more trials at once than max_concurrent_trials");
  judge_turn(owner, id);
  ++owner.live;
  known.state = Assigned{opened.key.attempt};
}

// An outcome ends by its user's wish alone.
void Ledger::retry(LedgerSweep& owner, LedgerTrial& known, TrialId id) {
  const bool failed = std::holds_alternative<Failed>(known.state);
  require(failed || std::holds_alternative<Cancelled>(known.state), id, "goes on though it is ",
          name(known.state));
  require(known.retry_wanted || (owner.retry_wanted && failed), id, "goes on though it is ",
          name(known.state), ", and nobody had asked for a retry");
  if (failed) --owner.failed;
  known.charged = 0;
  known.state = Waiting{known.newest()};
  ++known.retries;
  ++owner.retries;
}

void Ledger::enter(const record::AttemptStarted& started) {
  LedgerAttempt& known = attempt(started.key);
  require(!known.end, started.key.trial, to_string(started.key), " started after its end");
  known.started = true;
  known.resumed_from = started.resumed_from_epoch;
  known.missed = started.checkpoint_missed;
  require(!known.missed || known.could_resume, started.key.trial, to_string(started.key),
          " missed a checkpoint that nobody ever had");
}

void Ledger::enter(const record::CheckpointStored& stored) {
  LedgerTrial& known = trial(stored.trial);
  const TrialId id = stored.trial;
  const StoredCheckpoint& fresh = stored.checkpoint;
  require(fresh.attempt == known.newest(), id, "a checkpoint of an older attempt was stored");
  require(!is_terminal(known.state), id, "a checkpoint was stored though it is ",
          name(known.state));
  require(!known.stored || (fresh.epoch >= known.stored->epoch &&
                            std::pair(fresh.attempt, fresh.number) >
                                std::pair(known.stored->attempt, known.stored->number)),
          id, "a checkpoint took the place of a newer one");
  known.stored = fresh;
}

void Ledger::enter(const record::CheckpointRemoved& removed) {
  LedgerTrial& known = trial(removed.trial);
  require(known.stored.has_value(), removed.trial, "a checkpoint was removed that is not there");
  require(known.live() == AttemptNo{}, removed.trial, "a live trial's checkpoint was removed");
  known.stored.reset();
}

void Ledger::enter(const record::EpochRecorded& recorded) {
  LedgerAttempt& known = attempt(recorded.key);
  known.newest_epoch = std::max(known.newest_epoch, recorded.metrics.epoch);
  LedgerTrial& owner = trial(recorded.key.trial);
  const auto epoch = static_cast<std::size_t>(recorded.metrics.epoch);
  require(epoch >= 1 && epoch <= owner.scores_due.size() &&
              recorded.metrics.val_accuracy == owner.scores_due[epoch - 1],
          recorded.key.trial, to_string(recorded.key), "'s epoch ", std::to_string(epoch),
          " is not what training its config gives");
  owner.epochs[recorded.metrics.epoch] = recorded.key.attempt;
  if (recorded.metrics.val_accuracy) {
    owner.scores[recorded.metrics.epoch] = *recorded.metrics.val_accuracy;
  }
  note_score(recorded.key, recorded.metrics.epoch);
}

void Ledger::enter(const record::AttemptEnded& ended) {
  LedgerAttempt& known = attempt(ended.key);
  LedgerTrial& owner = trial(ended.key.trial);
  require(!known.end, ended.key.trial, to_string(ended.key), " ended twice");
  judge_end(sweep(sweep_of(ended.key.trial)), owner, known, ended);
  known.end = ended.end;
  known.reason = ended.reason;
  known.charged = ended.charged;
  if (ended.charged) ++owner.charged;
  live_.erase(ended.key);
  --sweep(sweep_of(ended.key.trial)).live;
}

void Ledger::enter(const record::ResultAccepted& accepted) {
  LedgerAttempt& from = attempt(accepted.key);
  LedgerTrial& known = trial(accepted.key.trial);
  const TrialId id = accepted.key.trial;
  LedgerSweep& owner = sweep(sweep_of(id));
  require(!known.accepted, id, "a second accepted result");
  require(accepted.key.attempt == known.newest(), id, "a result of an older attempt was accepted");
  require(from.end.has_value(), id, "a result was accepted of an attempt that goes on");
  require(!is_terminal(known.state) || failed_as_lost(known.state), id,
          "a result was accepted though the trial was ", name(known.state));
  require(!stopping_for(known.state, Reason::kUser), id,
          "a result was accepted of a trial its user had cancelled");
  // What had failed as lost before that is no part of the cancellation.
  require(owner.state != SweepState::kCancelled || failed_as_lost(known.state) ||
              std::holds_alternative<Stopping>(known.state),
          id, "a result was accepted of a cancelled sweep's trial");
  require(accepted.result.val_accuracy == known.true_accuracy(), id,
          "its result is not what training its config gives");
  known.accepted = accepted.key.attempt;
  require(accepted.ordinal.has_value() == owner.space->learns(), id,
          "its result is counted, or not, against its method");
  if (!accepted.ordinal) return;
  owner.learnt.push_back(number_of(id));
  require(owner.space->learn(number_of(id), accepted.result.val_accuracy) == *accepted.ordinal, id,
          "its result has ordinal ", std::to_string(*accepted.ordinal), ", it is number ",
          std::to_string(owner.learnt.size()));
}

// PROMISES §2: refused only where another outcome stands.
void Ledger::enter(const record::ResultSuperseded& superseded) {
  attempt(superseded.key);
  LedgerTrial& known = trial(superseded.key.trial);
  const LedgerSweep& owner = sweep(sweep_of(superseded.key.trial));
  const bool older = superseded.key.attempt < known.newest();
  const bool settled = is_terminal(known.state) && !failed_as_lost(known.state);
  const bool gone_with_sweep =
      owner.state == SweepState::kCancelled && !failed_as_lost(known.state);
  const bool cancelled = stopping_for(known.state, Reason::kUser) || gone_with_sweep;
  require(older || settled || cancelled, superseded.key.trial,
          "the newest attempt's result was refused while the trial was ", name(known.state));
  known.superseded.insert(superseded.key.attempt);
}

void Ledger::enter(const record::TrialChanged& changed) {
  const TrialId id = changed.trial;
  LedgerSweep& owner = sweep(sweep_of(id));
  LedgerTrial& known = trial(id);
  require(owner.space->config(number_of(id)).has_value(), id, "not a trial of its sweep");
  const TrialState before = known.state;
  const bool again = before == changed.state;
  const bool late = failed_as_lost(before) && std::holds_alternative<Complete>(changed.state);
  if (is_terminal(before) && !again) {
    require(late || !is_terminal(changed.state), id, name(before), " is an outcome and became ",
            name(changed.state));
    if (!late) retry(owner, known, id);
  }
  require(changed.restarts == known.charged, id, std::to_string(changed.restarts),
          " restarts are counted, ", std::to_string(known.charged), " attempts were charged");
  require(changed.restarts <= owner.frozen->spec.max_restarts, id, "restarted too often");
  require(changed.checkpoint_epoch >= known.checkpoint_epoch, id, "its checkpoint went back");
  const bool cancel_wanted = known.cancel_wanted || owner.wanted.contains(SweepState::kCancelled);
  if (const auto* stopping = std::get_if<Stopping>(&changed.state)) {
    const auto* earlier = std::get_if<Stopping>(&before);
    require(earlier == nullptr || earlier->attempt != stopping->attempt ||
                severity(earlier->reason) <= severity(stopping->reason),
            id, name(before), " went back to ", name(changed.state));
    require(stopping->reason != Reason::kUser || cancel_wanted, id,
            "is being cancelled, and nobody had asked for it");
    require(stopping->reason != Reason::kTimeout || owner.frozen->spec.max_trial_duration, id,
            "timed out without a limit");
  }
  const bool pruned = std::holds_alternative<Pruned>(changed.state);
  require((!pruned && !stopping_for(changed.state, Reason::kEarlyStop)) ||
              known.terminated.contains(known.newest()) || owner.raced_out.contains(number_of(id)),
          id, "is ", name(changed.state), ", and nothing had decided it");
  if (std::holds_alternative<Cancelled>(changed.state)) {
    require(cancel_wanted, id, "was cancelled, and nobody had asked for it");
  }
  if (const auto* failed = std::get_if<Failed>(&changed.state); failed != nullptr && !again) {
    judge_failure(owner, known, id, *failed);
    ++owner.failed;
    failed_.insert(id);
  }
  if (late) --owner.failed;
  known.state = changed.state;
  known.restarts = changed.restarts;
  known.checkpoint_epoch = changed.checkpoint_epoch;
}

void Ledger::enter(const record::WorkerSeen& seen) { workers_[seen.session] = seen.name; }

}  // namespace firesweep::simulation
