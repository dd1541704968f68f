#include "coordinator/store/record_writer.h"

#include <SQLiteCpp/Statement.h>

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "coordinator/store/binding.h"
#include "coordinator/store/texts.h"
#include "shared/codec/config_codec.h"
#include "shared/codec/proposal_codec.h"
#include "shared/domain/results.h"

namespace firesweep {
namespace {

constexpr const char* kAddSweep = R"(
  INSERT INTO sweeps (sweep_id, name, state, dataset, dataset_checksum, trainer, metric, protocol,
    total_trials, spec, hash, created_ms, changed_ms)
  VALUES (?1, ?2, 'RUNNING', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11))";
constexpr const char* kAddArchitecture = R"(
  INSERT INTO architectures (sweep_id, segment, name, hash, text)
  VALUES (?, ?, ?, ?, ?))";
constexpr const char* kExtendSweep = R"(
  INSERT INTO extensions (sweep_id, segment, base, spec, hash, created_ms)
  VALUES (?, ?, ?, ?, ?, ?))";
constexpr const char* kResizeSweep = R"(
  UPDATE sweeps
  SET total_trials = ?2, changed_ms = ?3
  WHERE sweep_id = ?1)";
constexpr const char* kChangeSweep = R"(
  UPDATE sweeps
  SET state = ?2, failing = ?3, changed_ms = ?4
  WHERE sweep_id = ?1)";
constexpr const char* kAssignTrial = R"(
  UPDATE trials
  SET state = 'ASSIGNED', reason = NULL, newest_attempt = ?2, changed_ms = ?3
  WHERE trial_id = ?1)";
constexpr const char* kFirstAssignTrial = R"(
  INSERT INTO trials (trial_id, sweep_id, number, state, newest_attempt, created_ms, changed_ms)
  VALUES (?1, ?2, ?3, 'ASSIGNED', 1, ?4, ?4)
  ON CONFLICT (trial_id) DO UPDATE SET
    state = 'ASSIGNED',
    reason = NULL,
    newest_attempt = excluded.newest_attempt,
    changed_ms = excluded.changed_ms)";
constexpr const char* kAddConfig = R"(
  INSERT INTO configs (trial_id, config_hash, architecture, architecture_hash, params, macs, seed,
    config)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?))";
constexpr const char* kOpenAttempt = R"(
  INSERT INTO attempts (trial_id, attempt_no, worker, session, known_epoch, opened_ms)
  VALUES (?, ?, ?, ?, ?, ?))";
constexpr const char* kChangeTrial = R"(
  UPDATE trials
  SET state = ?2, reason = ?3, newest_attempt = ?4, restarts = ?5, checkpoint_epoch = ?6,
    message = ?7, changed_ms = ?8
  WHERE trial_id = ?1)";
constexpr const char* kMakeTrial = R"(
  INSERT INTO trials (trial_id, sweep_id, number, state, reason, newest_attempt, restarts,
    checkpoint_epoch, message, created_ms, changed_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10))";
constexpr const char* kStartAttempt = R"(
  UPDATE attempts
  SET started_ms = coalesce(started_ms, ?3), resumed_from_epoch = ?4, checkpoint_missed = ?5
  WHERE trial_id = ?1 AND attempt_no = ?2)";
constexpr const char* kRecordEpoch = R"(
  INSERT OR REPLACE INTO epochs (trial_id, epoch, attempt_no, train_loss, train_accuracy, val_loss,
    val_accuracy, val_top5, test_accuracy, lr, seconds, images_per_s, recorded_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))";
constexpr const char* kEndAttempt = R"(
  UPDATE attempts
  SET ended = ?3, ended_ms = ?4, reason = ?5, message = ?6, charged = ?7
  WHERE trial_id = ?1 AND attempt_no = ?2)";
constexpr const char* kAcceptResult = "INSERT INTO results";
constexpr const char* kSupersedeResult = "INSERT OR REPLACE INTO superseded_results";
constexpr const char* kSeeWorker = R"(
  INSERT INTO workers (session, name, pid, device, device_name, threads, memory_bytes,
    torch_version, build_commit, first_seen_ms, last_seen_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)
  ON CONFLICT (session) DO UPDATE SET
    name = excluded.name,
    pid = excluded.pid,
    device = excluded.device,
    device_name = excluded.device_name,
    threads = excluded.threads,
    memory_bytes = excluded.memory_bytes,
    torch_version = excluded.torch_version,
    build_commit = excluded.build_commit,
    last_seen_ms = excluded.last_seen_ms)";
constexpr const char* kStoreCheckpoint = R"(
  INSERT OR REPLACE INTO checkpoints (trial_id, attempt_no, number, epoch, bytes, sha256, format,
    file, stored_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?))";
constexpr const char* kPropose = R"(
  INSERT INTO proposals (sweep_id, point, at, "values", results, running, proposed_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?))";
constexpr const char* kLearn =
    "INSERT INTO search_results (sweep_id, ordinal, trial_id) VALUES (?, ?, ?)";
constexpr const char* kTerminate = R"(
  INSERT INTO terminations (trial_id, attempt_no, epoch, score, threshold, rank, seen, bracket,
    decided_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?))";
constexpr const char* kPromote = R"(
  INSERT INTO promotions (trial_id, epoch, attempt_no, score, threshold, rank, seen, decided_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?))";
constexpr const char* kRaceOut = R"(
  INSERT INTO raced_out (trial_id, seeds, of_seeds, top, better_trial_id, pairs, difference,
    deviation, freedom, p, comparisons, level, decided_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))";
// The trial has a row only where it was cancelled before.
constexpr const char* kMakeRacedOutTrial = R"(
  INSERT INTO trials (trial_id, sweep_id, number, state, newest_attempt, created_ms, changed_ms)
  VALUES (?1, ?2, ?3, 'PRUNED', 0, ?4, ?4)
  ON CONFLICT (trial_id) DO UPDATE SET
    state = 'PRUNED',
    changed_ms = excluded.changed_ms)";
// The trial was never touched before.
constexpr const char* kMakeReusedTrial = R"(
  INSERT INTO trials (trial_id, sweep_id, number, state, newest_attempt, created_ms, changed_ms)
  VALUES (?1, ?2, ?3, 'COMPLETE', 1, ?4, ?4))";
constexpr const char* kMakeReusedAttempt = R"(
  INSERT INTO attempts (trial_id, attempt_no, worker, session, opened_ms, ended, ended_ms)
  VALUES (?1, 1, '', '', ?2, 'FINISHED', ?2))";
constexpr const char* kMarkReused =
    "INSERT INTO reused_results (trial_id, from_trial_id) VALUES (?, ?)";
constexpr const char* kRemoveCheckpoint = "DELETE FROM checkpoints WHERE trial_id = ?";

void require_row(int changed, const std::string& what) {
  if (changed == 0) throw MissingRow(what + " has no row");
}

// Another trial's result becomes this one's: ?1 at ?3, of ?2.
std::string reuse_result() {
  std::string names;
  for (const ResultField& field : results()) names += ", \"" + std::string(field.name) + '"';
  return "INSERT INTO results (trial_id, attempt_no, recorded_ms" + names + ") SELECT ?1, 1, ?3" +
         names + " FROM results WHERE trial_id = ?2";
}

std::string result_columns() {
  std::string names = " (trial_id, attempt_no, recorded_ms";
  std::string values = ") VALUES (?, ?, ?";
  for (const ResultField& field : results()) {
    names += ", \"" + std::string(field.name) + '"';
    values += ", ?";
  }
  return names + values + ")";
}

void write_result(SQLite::Statement& statement, TrialKey key, const TrialResult& result,
                  UtcTime at) {
  const ResetGuard guard(statement);
  bind_all(statement, key.trial.value, key.attempt.value, at);
  int index = 3;
  for (const ResultField& field : results()) {
    ++index;
    std::visit([&](auto member) { bind_value(statement, index, result.*member); }, field.member);
  }
  statement.exec();
}

}  // namespace

struct RecordWriter::Statements {
  explicit Statements(SQLite::Database& database)
      : add_sweep(database, kAddSweep),
        add_architecture(database, kAddArchitecture),
        extend_sweep(database, kExtendSweep),
        resize_sweep(database, kResizeSweep),
        change_sweep(database, kChangeSweep),
        assign_trial(database, kAssignTrial),
        first_assign_trial(database, kFirstAssignTrial),
        add_config(database, kAddConfig),
        open_attempt(database, kOpenAttempt),
        change_trial(database, kChangeTrial),
        make_trial(database, kMakeTrial),
        start_attempt(database, kStartAttempt),
        record_epoch(database, kRecordEpoch),
        end_attempt(database, kEndAttempt),
        accept_result(database, kAcceptResult + result_columns()),
        supersede_result(database, kSupersedeResult + result_columns()),
        see_worker(database, kSeeWorker),
        store_checkpoint(database, kStoreCheckpoint),
        remove_checkpoint(database, kRemoveCheckpoint),
        propose(database, kPropose),
        learn(database, kLearn),
        terminate(database, kTerminate),
        promote(database, kPromote),
        race_out(database, kRaceOut),
        make_raced_out_trial(database, kMakeRacedOutTrial),
        make_reused_trial(database, kMakeReusedTrial),
        make_reused_attempt(database, kMakeReusedAttempt),
        reuse(database, reuse_result()),
        mark_reused(database, kMarkReused) {}

  void write(const record::SweepAdded& added) {
    const FrozenSweep& frozen = *added.frozen;
    const SweepSpec& spec = frozen.spec;
    run(add_sweep, added.sweep.value, spec.name, to_string(spec.dataset), frozen.dataset_checksum,
        to_string(spec.trainer), to_string(spec.metric), to_string(spec.base.protocol),
        added.total_trials, frozen.canonical, frozen.hash, added.at);
    write_architectures(added.sweep, 0, frozen);
  }

  void write(const record::SweepExtended& extended) {
    const FrozenSweep& frozen = *extended.frozen;
    const std::int64_t sweep = extended.sweep.value;
    require_row(run(resize_sweep, sweep, extended.total_trials, extended.at),
                "sweep " + std::to_string(sweep));
    run(extend_sweep, sweep, extended.segment, extended.base, frozen.canonical, frozen.hash,
        extended.at);
    write_architectures(extended.sweep, extended.segment, frozen);
  }

  void write_architectures(SweepId sweep, std::int64_t segment, const FrozenSweep& frozen) {
    for (const auto& [name, architecture] : frozen.architectures) {
      run(add_architecture, sweep.value, segment, name, architecture.hash, architecture.canonical);
    }
  }

  void write(const record::SweepChanged& changed) {
    require_row(run(change_sweep, changed.sweep.value, to_string(changed.state), changed.failing,
                    changed.at),
                "sweep " + std::to_string(changed.sweep.value));
  }

  void write(const record::AttemptOpened& opened) {
    const TrialId trial = opened.key.trial;
    const std::int64_t attempt = opened.key.attempt.value;
    if (attempt == 1) {
      run(first_assign_trial, trial.value, sweep_of(trial).value, number_of(trial), opened.at);
      write_config(trial, opened.description);
    } else {
      require_row(run(assign_trial, trial.value, attempt, opened.at), "trial " + to_string(trial));
    }
    run(open_attempt, trial.value, attempt, opened.worker, to_hex(opened.session),
        opened.known_epoch, opened.at);
  }

  void write_config(TrialId trial, const TrialDescription& of) {
    run(add_config, trial.value, of.config_hash, of.architecture, of.architecture_hash, of.params,
        of.macs, of.config.seed, encode_config(of.config));
  }

  void write(const record::TrialChanged& changed) {
    const TrialId trial = changed.trial;
    const std::string_view state = name_of(changed.state);
    const auto reason = reason_text(reason_of(changed.state));
    const std::int64_t newest = newest_attempt(changed.state).value;
    if (run(change_trial, trial.value, state, reason, newest, changed.restarts,
            changed.checkpoint_epoch, changed.message, changed.at) == 0) {
      run(make_trial, trial.value, sweep_of(trial).value, number_of(trial), state, reason, newest,
          changed.restarts, changed.checkpoint_epoch, changed.message, changed.at);
    }
  }

  void write(const record::AttemptStarted& started) {
    require_row(run(start_attempt, started.key.trial.value, started.key.attempt.value, started.at,
                    started.resumed_from_epoch, started.checkpoint_missed),
                "attempt " + to_string(started.key));
  }

  void write(const record::EpochRecorded& recorded) {
    const EpochMetrics& m = recorded.metrics;
    run(record_epoch, recorded.key.trial.value, m.epoch, recorded.key.attempt.value, m.train_loss,
        m.train_accuracy, m.val_loss, m.val_accuracy, m.val_top5, m.test_accuracy, m.lr, m.seconds,
        m.images_per_s, recorded.at);
  }

  void write(const record::AttemptEnded& ended) {
    require_row(
        run(end_attempt, ended.key.trial.value, ended.key.attempt.value, to_string(ended.end),
            ended.at, reason_text(ended.reason), ended.message, ended.charged),
        "attempt " + to_string(ended.key));
  }

  void write(const record::ResultAccepted& accepted) {
    write_result(accept_result, accepted.key, accepted.result, accepted.at);
    const TrialId trial = accepted.key.trial;
    if (accepted.ordinal) run(learn, sweep_of(trial).value, *accepted.ordinal, trial.value);
  }

  void write(const record::ResultSuperseded& superseded) {
    write_result(supersede_result, superseded.key, superseded.result, superseded.at);
  }

  void write(const record::WorkerSeen& seen) {
    run(see_worker, to_hex(seen.session), seen.name, seen.pid, seen.device, seen.device_name,
        seen.threads, seen.memory_bytes, seen.torch_version, seen.build_commit, seen.at);
  }

  void write(const record::CheckpointStored& stored) {
    const StoredCheckpoint& one = stored.checkpoint;
    run(store_checkpoint, stored.trial.value, one.attempt.value, one.number, one.epoch, one.bytes,
        one.sha256, one.format, one.file, stored.at);
  }

  void write(const record::CheckpointRemoved& removed) {
    require_row(run(remove_checkpoint, removed.trial.value),
                "checkpoint of trial " + to_string(removed.trial));
  }

  void write(const record::PointProposed& proposed) {
    const Proposal& one = proposed.proposal;
    run(propose, proposed.sweep.value, one.point, encode_coordinates(one.at),
        encode_values(one.values), one.results, encode_points(one.running), proposed.at);
  }

  void write(const record::TrialTerminated& terminated) {
    const Evidence& on = terminated.evidence;
    run(terminate, terminated.key.trial.value, terminated.key.attempt.value, on.epoch, on.score,
        on.threshold, on.rank, on.seen, on.bracket, terminated.at);
  }

  void write(const record::TrialPromoted& promoted) {
    const Evidence& on = promoted.evidence;
    run(promote, promoted.key.trial.value, on.epoch, promoted.key.attempt.value, on.score,
        on.threshold, on.rank, on.seen, promoted.at);
  }

  void write(const record::TrialRacedOut& out) {
    const TrialId trial = out.trial;
    const RaceEvidence& on = out.evidence;
    run(make_raced_out_trial, trial.value, sweep_of(trial).value, number_of(trial), out.at);
    write_config(trial, out.description);
    run(race_out, trial.value, on.seeds, on.of_seeds, on.top,
        make_trial_id(sweep_of(trial), on.better).value, on.pairs, on.difference, on.deviation,
        on.freedom, on.p, on.comparisons, on.level, out.at);
  }

  void write(const record::ResultReused& reused) {
    const TrialId trial = reused.trial;
    run(make_reused_trial, trial.value, sweep_of(trial).value, number_of(trial), reused.at);
    write_config(trial, reused.description);
    run(make_reused_attempt, trial.value, reused.at);
    require_row(run(reuse, trial.value, reused.from.value, reused.at),
                "result of trial " + to_string(reused.from));
    run(mark_reused, trial.value, reused.from.value);
    if (reused.ordinal) run(learn, sweep_of(trial).value, *reused.ordinal, trial.value);
  }

  SQLite::Statement add_sweep, add_architecture, extend_sweep, resize_sweep, change_sweep,
      assign_trial, first_assign_trial, add_config, open_attempt, change_trial, make_trial,
      start_attempt, record_epoch, end_attempt, accept_result, supersede_result, see_worker,
      store_checkpoint, remove_checkpoint, propose, learn, terminate, promote, race_out,
      make_raced_out_trial, make_reused_trial, make_reused_attempt, reuse, mark_reused;
};

RecordWriter::RecordWriter(SQLite::Database& database)
    : statements_(std::make_unique<Statements>(database)) {}
RecordWriter::~RecordWriter() = default;

void RecordWriter::write(const Record& record) {
  std::visit([this](const auto& one) { statements_->write(one); }, record);
}

}  // namespace firesweep
