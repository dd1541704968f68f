// What workers say about trials. Every report is judged by its key and the session it comes from,
// answered by its number, and a repeated one gets the answer it had.
#include <algorithm>
#include <limits>
#include <utility>

#include "coordinator/core/scheduler_core.h"

namespace firesweep {
namespace {

bool ends_attempt(const ReportBody& body) {
  return !std::holds_alternative<report::Started>(body) &&
         !std::holds_alternative<report::Progressed>(body);
}

// Where a key stands against the trial it names.
enum class Standing {
  kUnknown,  // no such trial or attempt, or another worker's
  kOlder,    // a newer attempt exists
  kEnded,    // the newest attempt, but it holds the trial no longer
  kLive      // the newest attempt, leased to this worker
};

Standing standing_of(const Worker& worker, const Trial* trial, TrialKey key) {
  if (trial == nullptr) return Standing::kUnknown;
  const AttemptNo newest = newest_attempt(trial->state);
  if (key.attempt.value < 1 || key.attempt > newest) return Standing::kUnknown;
  if (key.attempt < newest) return Standing::kOlder;
  if (trial->session != worker.session) return Standing::kUnknown;
  return live_attempt(trial->state) == key.attempt ? Standing::kLive : Standing::kEnded;
}

Verdict fenced(Standing standing) {
  return standing == Standing::kUnknown ? Verdict::kUnknown : Verdict::kSuperseded;
}

}  // namespace

void SchedulerCore::take(Worker& worker, const Report& report) {
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
  tell(worker, Ack{report.number, verdict});
}

// The first sign of work starts a trial, whatever it is.
void SchedulerCore::ensure_started(Worker& worker, const Place& place, Lease& lease,
                                   std::int64_t from_epoch, bool checkpoint_missed) {
  if (lease.started) return;
  lease.started = true;
  lease.started_at = now();
  lease.from_epoch = from_epoch;
  lease.progress.start(now(), lease.first_unit);
  place.trial->started = true;
  apply(place, trial_event::Started{});
  persist(record::AttemptStarted{lease.key, from_epoch, checkpoint_missed, utc()});
  remind(worker, lease);
}

Verdict SchedulerCore::judge(Worker& worker, TrialKey key, const report::Started& started) {
  const Place place = find(key.trial);
  const Standing standing = standing_of(worker, place.trial, key);
  if (standing != Standing::kLive) return fenced(standing);
  Lease& lease = worker.leases.at(key);
  const std::int64_t from =
      std::clamp<std::int64_t>(started.resumed_from_epoch, 0, epochs_of(place));
  lease.last_epoch = std::max(lease.last_epoch, from);
  ensure_started(worker, place, lease, from, started.checkpoint_missed);
  return Verdict::kAccepted;
}

Verdict SchedulerCore::judge(Worker& worker, TrialKey key, const report::Progressed& progressed) {
  const Place place = find(key.trial);
  const Standing standing = standing_of(worker, place.trial, key);
  if (standing != Standing::kLive && standing != Standing::kEnded) return fenced(standing);
  const EpochMetrics& metrics = progressed.metrics;
  if (metrics.epoch < 1 || metrics.epoch > epochs_of(place)) return Verdict::kUnknown;
  persist(record::EpochRecorded{key, metrics, utc()});
  Trial& trial = *place.trial;
  const CheckpointRules rules = place.sweep->spec().checkpoint.value_or(CheckpointRules{});
  const std::int64_t saved = rules.newest_at(metrics.epoch, epochs_of(place));
  if (saved > trial.checkpoint_epoch) {
    trial.checkpoint_epoch = saved;
    mark(key.trial);
  }
  if (standing == Standing::kEnded) return Verdict::kAccepted;

  Lease& lease = worker.leases.at(key);
  ensure_started(worker, place, lease, metrics.epoch - 1);
  apply(place, trial_event::Progressed{});
  lease.progress.unit(now());
  if (metrics.epoch <= lease.last_epoch) return Verdict::kAccepted;
  lease.last_epoch = metrics.epoch;
  lease.last_epoch_seconds = metrics.seconds;
  trial.train_seconds += std::max(0.0, metrics.seconds);
  if (lease.epochs > 0) {
    place.sweep->pace.epoch(lease.work / static_cast<double>(lease.epochs), metrics.seconds);
  }
  return Verdict::kAccepted;
}

// PROMISES §2: the newest attempt's result stands, also where its lease had expired; every other is
// kept beside it.
Verdict SchedulerCore::judge(Worker& worker, TrialKey key, const report::Finished& finished) {
  const Place place = find(key.trial);
  const Standing standing = standing_of(worker, place.trial, key);
  if (standing == Standing::kUnknown) return Verdict::kUnknown;
  Trial& trial = *place.trial;
  const auto* complete = std::get_if<Complete>(&trial.state);
  if (complete != nullptr && complete->attempt == key.attempt) return Verdict::kAccepted;
  if (standing == Standing::kOlder) {
    persist(record::ResultSuperseded{key, finished.result, utc()});
    return Verdict::kSuperseded;
  }

  if (standing == Standing::kLive) {
    Lease& lease = worker.leases.at(key);
    ensure_started(worker, place, lease, 0);
    end_attempt(worker, key,
                {trial_event::Finished{key.attempt}, AttemptEnd::kFinished, {}, {}, false, false});
    roster_.note_success(worker.name);
  } else {
    // A cancelled sweep writes no row per waiting trial; this one gets its own now.
    if (place.sweep->state == SweepState::kCancelled &&
        std::holds_alternative<Waiting>(trial.state)) {
      apply(place, trial_event::CancelledByUser{});
    }
    apply(place, trial_event::Finished{key.attempt});
  }
  if (!std::holds_alternative<Complete>(trial.state)) {
    persist(record::ResultSuperseded{key, finished.result, utc()});
    return Verdict::kSuperseded;
  }
  ++worker.trials_done;
  persist(record::ResultAccepted{key, finished.result, utc()});
  place.sweep->consider(key.trial, finished.result);
  return Verdict::kAccepted;
}

Verdict SchedulerCore::judge(Worker& worker, TrialKey key, const report::Errored& errored) {
  const Place place = find(key.trial);
  const Standing standing = standing_of(worker, place.trial, key);
  if (standing != Standing::kLive) return fenced(standing);
  Trial& trial = *place.trial;
  ensure_started(worker, place, worker.leases.at(key), 0);
  trial.checkpoint_epoch =
      std::max(trial.checkpoint_epoch, std::min(errored.checkpoint_epoch, epochs_of(place)));

  const bool oom = errored.reason == Reason::kOom;
  const bool repeatable = oom || errored.reason == Reason::kError;
  const bool final = errored.reason == Reason::kNan || errored.reason == Reason::kBadConfig;
  const Reason reason = repeatable || final ? errored.reason : Reason::kError;
  const bool stopping = std::holds_alternative<Stopping>(trial.state);
  // Out of memory is tried once again (TRAINING §5); a repeat of the rest of `final` would do the
  // same.
  const bool again = !final && !stopping && trial.restarts < place.sweep->spec().max_restarts &&
                     !(oom && trial.had_oom);
  trial.had_oom = trial.had_oom || oom;
  if (again) ++trial.restarts;
  if (!final && !stopping) roster_.note_failure(worker.name, key.trial, now());
  end_attempt(worker, key,
              {trial_event::Errored{reason, again}, AttemptEnd::kErrored, reason, errored.message,
               again, !final});
  return Verdict::kAccepted;
}

Verdict SchedulerCore::judge(Worker& worker, TrialKey key, const report::HandedBack& handed_back) {
  const Place place = find(key.trial);
  const Standing standing = standing_of(worker, place.trial, key);
  if (standing != Standing::kLive) return fenced(standing);
  Trial& trial = *place.trial;
  ensure_started(worker, place, worker.leases.at(key), 0);
  trial.checkpoint_epoch =
      std::max(trial.checkpoint_epoch, std::min(handed_back.checkpoint_epoch, epochs_of(place)));
  std::optional<Reason> reason;
  if (const auto* stopping = std::get_if<Stopping>(&trial.state)) {
    reason = stopping->reason;
  } else {
    worker.preempted = true;
  }
  if (handed_back.upload > 0) {
    shelf_.await(key.trial, key.attempt, handed_back.upload, now() + options_.upload_limit);
  }
  end_attempt(worker, key,
              {trial_event::HandedBack{}, AttemptEnd::kHandedBack, reason, {}, false, false});
  return Verdict::kAccepted;
}

Verdict SchedulerCore::judge(Worker& worker, TrialKey key, const report::Returned&) {
  const Place place = find(key.trial);
  const Standing standing = standing_of(worker, place.trial, key);
  if (standing != Standing::kLive) return fenced(standing);
  // One that had started and is returned all the same was handed back with nothing.
  if (std::holds_alternative<Running>(place.trial->state)) {
    return judge(worker, key, report::HandedBack{});
  }
  unstart(worker, key, {});
  return Verdict::kAccepted;
}

std::int64_t SchedulerCore::epochs_of(const Place& place) const {
  constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();
  if (!place.sweep->space) return kUnlimited;
  const auto config = place.sweep->space->config(place.number);
  return config ? config->epochs : kUnlimited;
}

}  // namespace firesweep
