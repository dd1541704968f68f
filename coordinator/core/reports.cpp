#include "coordinator/core/reports.h"

#include <algorithm>
#include <utility>

namespace firesweep {
namespace {

bool ends_attempt(const ReportBody& body) {
  return !std::holds_alternative<report::Started>(body) &&
         !std::holds_alternative<report::Progressed>(body);
}

// What a key is to the trial it names.
enum class KeyStatus {
  kUnknown,  // no such trial or attempt, or another worker's
  kOlder,    // a newer attempt exists
  kEnded,    // the newest attempt, but it holds the trial no longer
  kLive      // the newest attempt, leased to this worker
};

KeyStatus status_of(const Worker& worker, const Trial* trial, TrialKey key) {
  if (trial == nullptr) return KeyStatus::kUnknown;
  const AttemptNo newest = newest_attempt(trial->state);
  if (key.attempt.value < 1 || key.attempt > newest) return KeyStatus::kUnknown;
  if (key.attempt < newest) return KeyStatus::kOlder;
  if (trial->session != worker.session) return KeyStatus::kUnknown;
  return live_attempt(trial->state) == key.attempt ? KeyStatus::kLive : KeyStatus::kEnded;
}

Verdict fenced(KeyStatus status) {
  return status == KeyStatus::kUnknown ? Verdict::kUnknown : Verdict::kSuperseded;
}

}  // namespace

void Reports::take(Worker& worker, const Report& report) {
  const auto known = worker.verdicts.find(report.number);
  Verdict verdict;
  if (known != worker.verdicts.end()) {
    verdict = known->second;
  } else {
    verdict =
        std::visit([&](const auto& body) { return judge(worker, report.key, body); }, report.body);
    worker.remember(report.number, verdict);
  }
  if (ends_attempt(report.body)) worker.answered[report.key] = worker.sequence + 1;
  state_.changes.tell(worker, Ack{report.number, verdict});
}

Verdict Reports::judge(Worker& worker, TrialKey key, const report::Started& started) {
  const TrialRef ref = state_.sweeps.find(key.trial);
  const KeyStatus status = status_of(worker, ref.trial, key);
  if (status != KeyStatus::kLive) return fenced(status);
  Lease& lease = worker.leases.at(key);
  const auto from = std::clamp<std::int64_t>(started.resumed_from_epoch, 0, ref.epochs());
  lease.last_epoch = std::max(lease.last_epoch, from);
  state_.attempts.start(worker, ref, from, started.checkpoint_missed);
  return Verdict::kAccepted;
}

Verdict Reports::judge(Worker& worker, TrialKey key, const report::Progressed& progressed) {
  const TrialRef ref = state_.sweeps.find(key.trial);
  const KeyStatus status = status_of(worker, ref.trial, key);
  if (status != KeyStatus::kLive && status != KeyStatus::kEnded) return fenced(status);
  const EpochMetrics& metrics = progressed.metrics;
  if (metrics.epoch < 1 || metrics.epoch > ref.epochs()) return Verdict::kUnknown;
  state_.changes.persist(record::EpochRecorded{key, metrics, utc()});
  Trial& trial = *ref.trial;
  const CheckpointRules rules = ref.sweep->spec().checkpoint.value_or(CheckpointRules{});
  const std::int64_t saved = rules.newest_at(metrics.epoch, ref.epochs());
  if (saved > trial.checkpoint_epoch) {
    trial.checkpoint_epoch = saved;
    state_.changes.trial(key.trial);
  }
  if (status == KeyStatus::kEnded) {
    state_.terminations.take(ref, key, metrics);
    return Verdict::kAccepted;
  }

  Lease& lease = worker.leases.at(key);
  state_.attempts.start(worker, ref, metrics.epoch - 1);
  state_.trial_states.apply(ref, trial_event::Progressed{});
  lease.progress.unit(now());
  state_.terminations.take(ref, key, metrics);
  if (metrics.epoch <= lease.last_epoch) return Verdict::kAccepted;
  lease.last_epoch = metrics.epoch;
  lease.last_epoch_seconds = metrics.seconds;
  trial.train_seconds += std::max(0.0, metrics.seconds);
  if (lease.epochs > 0) {
    ref.sweep->pace.epoch(lease.work / static_cast<double>(lease.epochs), metrics.seconds);
  }
  return Verdict::kAccepted;
}

// PROMISES §2: the newest attempt's result stands, also where its lease had expired; every other
// is kept beside it.
Verdict Reports::judge(Worker& worker, TrialKey key, const report::Finished& finished) {
  const TrialRef ref = state_.sweeps.find(key.trial);
  const KeyStatus status = status_of(worker, ref.trial, key);
  if (status == KeyStatus::kUnknown) return Verdict::kUnknown;
  Trial& trial = *ref.trial;
  const auto* complete = std::get_if<Complete>(&trial.state);
  if (complete != nullptr && complete->attempt == key.attempt) return Verdict::kAccepted;
  if (status == KeyStatus::kOlder) {
    state_.changes.persist(record::ResultSuperseded{key, finished.result, utc()});
    return Verdict::kSuperseded;
  }

  if (status == KeyStatus::kLive) {
    state_.attempts.start(worker, ref, 0);
    state_.attempts.end(
        worker, key,
        {trial_event::Finished{key.attempt}, AttemptEnd::kFinished, {}, {}, false, false});
    state_.quarantine.note_success(worker.name);
  } else {
    // A cancelled sweep writes no row per waiting trial; this one gets its own now.
    if (ref.sweep->state == SweepState::kCancelled &&
        std::holds_alternative<Waiting>(trial.state)) {
      state_.trial_states.apply(ref, trial_event::CancelledByUser{});
    }
    state_.trial_states.apply(ref, trial_event::Finished{key.attempt});
  }
  if (!std::holds_alternative<Complete>(trial.state)) {
    state_.changes.persist(record::ResultSuperseded{key, finished.result, utc()});
    return Verdict::kSuperseded;
  }
  ++worker.trials_done;
  const auto ordinal = ref.sweep->consider(key.trial, finished.result);
  state_.changes.persist(record::ResultAccepted{key, finished.result, utc(), ordinal});
  state_.reuse.note(ref, finished.result);
  return Verdict::kAccepted;
}

Verdict Reports::judge(Worker& worker, TrialKey key, const report::Errored& errored) {
  const TrialRef ref = state_.sweeps.find(key.trial);
  const KeyStatus status = status_of(worker, ref.trial, key);
  if (status != KeyStatus::kLive) return fenced(status);
  Trial& trial = *ref.trial;
  state_.attempts.start(worker, ref, 0);
  trial.checkpoint_epoch =
      std::max(trial.checkpoint_epoch, std::min(errored.checkpoint_epoch, ref.epochs()));

  const bool oom = errored.reason == Reason::kOom;
  const bool repeatable = oom || errored.reason == Reason::kError;
  const bool final = errored.reason == Reason::kNan || errored.reason == Reason::kBadConfig;
  const Reason reason = repeatable || final ? errored.reason : Reason::kError;
  const bool stopping = std::holds_alternative<Stopping>(trial.state);
  // Out of memory is tried once again (TRAINING §5); a repeat of the rest of `final` would do the
  // same.
  const bool again = !final && !stopping && trial.restarts < ref.sweep->spec().max_restarts &&
                     !(oom && trial.had_oom);
  trial.had_oom = trial.had_oom || oom;
  if (again) ++trial.restarts;
  if (!final && !stopping) state_.quarantine.note_failure(worker.name, key.trial, now());
  state_.attempts.end(worker, key,
                      {trial_event::Errored{reason, again}, AttemptEnd::kErrored, reason,
                       errored.message, again, !final});
  return Verdict::kAccepted;
}

Verdict Reports::judge(Worker& worker, TrialKey key, const report::HandedBack& handed_back) {
  const TrialRef ref = state_.sweeps.find(key.trial);
  const KeyStatus status = status_of(worker, ref.trial, key);
  if (status != KeyStatus::kLive) return fenced(status);
  Trial& trial = *ref.trial;
  state_.attempts.start(worker, ref, 0);
  trial.checkpoint_epoch =
      std::max(trial.checkpoint_epoch, std::min(handed_back.checkpoint_epoch, ref.epochs()));
  std::optional<Reason> reason;
  if (const auto* stopping = std::get_if<Stopping>(&trial.state)) {
    reason = stopping->reason;
  } else {
    worker.preempted = true;
  }
  if (handed_back.upload > 0) {
    state_.checkpoints.await(key.trial, key.attempt, handed_back.upload,
                             now() + state_.options.upload_limit);
  }
  state_.attempts.end(
      worker, key, {trial_event::HandedBack{}, AttemptEnd::kHandedBack, reason, {}, false, false});
  return Verdict::kAccepted;
}

Verdict Reports::judge(Worker& worker, TrialKey key, const report::Returned&) {
  const TrialRef ref = state_.sweeps.find(key.trial);
  const KeyStatus status = status_of(worker, ref.trial, key);
  if (status != KeyStatus::kLive) return fenced(status);
  // One that had started and is returned all the same was handed back with nothing.
  if (std::holds_alternative<Running>(ref.trial->state)) {
    return judge(worker, key, report::HandedBack{});
  }
  state_.attempts.unstart(worker, key, {});
  return Verdict::kAccepted;
}

}  // namespace firesweep
