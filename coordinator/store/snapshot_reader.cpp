#include "coordinator/store/snapshot_reader.h"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "coordinator/store/binding.h"
#include "coordinator/store/texts.h"
#include "shared/codec/sweep_codec.h"

namespace firesweep {
namespace {

constexpr const char* kTrials =
    "SELECT t.number, t.state, t.reason, t.newest_attempt, t.restarts, t.checkpoint_epoch, "
    "a.worker, a.session,"
    " a.started_ms IS NOT NULL, a.resumed_from_epoch, coalesce(a.known_epoch, 0),"
    " (SELECT total(seconds) FROM epochs AS e WHERE e.trial_id = t.trial_id)"
    " FROM trials AS t LEFT JOIN attempts AS a ON a.trial_id = t.trial_id AND a.attempt_no = "
    "t.newest_attempt"
    " WHERE t.trial_id BETWEEN ?1 AND ?2";

// Best first by what the sweep's metric names; ?3 is 1 to maximize, -1 to minimize.
constexpr const char* kBest =
    "SELECT trial_id, CASE ?4 WHEN 'test_accuracy' THEN test_accuracy ELSE val_accuracy END AS "
    "score"
    " FROM results WHERE trial_id BETWEEN ?1 AND ?2 AND score IS NOT NULL ORDER BY ?3 * score "
    "DESC, trial_id LIMIT 1";

constexpr const char* kSweeps =
    "SELECT sweep_id, state, failing, spec, dataset_checksum FROM sweeps ORDER BY sweep_id";
constexpr const char* kArchitectures =
    "SELECT name, text FROM architectures WHERE sweep_id = ? AND segment = ?";
constexpr const char* kExtensions =
    "SELECT segment, spec FROM extensions WHERE sweep_id = ? ORDER BY segment";

std::shared_ptr<const FrozenSweep> read_frozen(SQLite::Statement& rows, SweepId sweep,
                                               std::int64_t segment, const std::string& spec,
                                               const std::string& dataset_checksum) {
  std::map<std::string, std::string> architectures;
  const ResetGuard guard(rows);
  bind_all(rows, sweep.value, segment);
  while (rows.executeStep())
    architectures.emplace(rows.getColumn(0).getString(), rows.getColumn(1).getString());
  auto frozen = thaw(spec, architectures);
  if (!frozen) {
    throw std::runtime_error("sweep " + std::to_string(sweep.value) +
                             " of the database does not read back: " + to_string(frozen.error()));
  }
  frozen->dataset_checksum = dataset_checksum;
  return std::make_shared<const FrozenSweep>(std::move(*frozen));
}

std::map<TrialId, StoredCheckpoint> read_checkpoints(SQLite::Database& database) {
  std::map<TrialId, StoredCheckpoint> checkpoints;
  SQLite::Statement rows(database,
                         "SELECT trial_id, attempt_no, number, epoch, bytes, sha256, format, file"
                         " FROM checkpoints ORDER BY trial_id");
  while (rows.executeStep()) {
    checkpoints.emplace_hint(
        checkpoints.end(), TrialId{rows.getColumn(0).getInt64()},
        StoredCheckpoint{AttemptNo{rows.getColumn(1).getInt64()}, rows.getColumn(2).getInt64(),
                         rows.getColumn(3).getInt64(), rows.getColumn(4).getInt64(),
                         rows.getColumn(5).getString(), rows.getColumn(6).getString(),
                         rows.getColumn(7).getString()});
  }
  return checkpoints;
}

TrialSnapshot read_trial(SQLite::Statement& row) {
  TrialSnapshot trial;
  trial.state = trial_state_from(row.getColumn(1).getString(), row.getColumn(2).getString(),
                                 AttemptNo{row.getColumn(3).getInt64()});
  trial.restarts = row.getColumn(4).getInt64();
  trial.checkpoint_epoch = row.getColumn(5).getInt64();
  trial.worker = row.getColumn(6).getString();
  trial.session = session_from_hex(row.getColumn(7).getString());
  trial.started = row.getColumn(8).getInt() != 0;
  trial.resumed_from_epoch = row.getColumn(9).getInt64();
  trial.known_epoch = row.getColumn(10).getInt64();
  trial.train_seconds = row.getColumn(11).getDouble();
  return trial;
}

}  // namespace

struct SnapshotReader::Statements {
  explicit Statements(SQLite::Database& database)
      : sweeps(database, kSweeps),
        architectures(database, kArchitectures),
        extensions(database, kExtensions),
        trials(database, kTrials),
        best(database, kBest) {}

  void read_extensions(SweepSnapshot& sweep, const std::string& dataset_checksum) {
    const ResetGuard guard(extensions);
    extensions.bind(1, sweep.sweep.value);
    while (extensions.executeStep()) {
      sweep.extensions.push_back(
          read_frozen(architectures, sweep.sweep, extensions.getColumn(0).getInt64(),
                      extensions.getColumn(1).getString(), dataset_checksum));
    }
  }

  void read_trials(SweepSnapshot& sweep) {
    const ResetGuard guard(trials);
    bind_all(trials, first_of(sweep), last_of(sweep));
    while (trials.executeStep()) {
      sweep.trials.emplace_hint(sweep.trials.end(), trials.getColumn(0).getInt64(),
                                read_trial(trials));
    }
  }

  void read_best(SweepSnapshot& sweep) {
    const ResetGuard guard(best);
    const SweepSpec& spec = sweep.frozen->spec;
    bind_all(best, first_of(sweep), last_of(sweep), std::int64_t{spec.maximize ? 1 : -1},
             spec.metric);
    if (!best.executeStep()) return;
    sweep.best_trial = TrialId{best.getColumn(0).getInt64()};
    sweep.best_accuracy = best.getColumn(1).getDouble();
  }

  static std::int64_t first_of(const SweepSnapshot& sweep) {
    return make_trial_id(sweep.sweep, 0).value;
  }
  static std::int64_t last_of(const SweepSnapshot& sweep) {
    return make_trial_id(SweepId{sweep.sweep.value + 1}, 0).value - 1;
  }

  SQLite::Statement sweeps, architectures, extensions, trials, best;
};

SnapshotReader::SnapshotReader(SQLite::Database& database)
    : database_(database), statements_(std::make_unique<Statements>(database)) {}
SnapshotReader::~SnapshotReader() = default;

Snapshot SnapshotReader::read() {
  Snapshot snapshot;
  SQLite::Transaction transaction(database_);
  SQLite::Statement& sweeps = statements_->sweeps;
  const ResetGuard guard(sweeps);
  while (sweeps.executeStep()) {
    SweepSnapshot sweep;
    sweep.sweep = SweepId{sweeps.getColumn(0).getInt64()};
    sweep.state = sweep_state_from(sweeps.getColumn(1).getString());
    sweep.failing = sweeps.getColumn(2).getInt() != 0;
    const std::string dataset_checksum = sweeps.getColumn(4).getString();
    sweep.frozen = read_frozen(statements_->architectures, sweep.sweep, 0,
                               sweeps.getColumn(3).getString(), dataset_checksum);
    statements_->read_extensions(sweep, dataset_checksum);
    statements_->read_trials(sweep);
    statements_->read_best(sweep);
    snapshot.sweeps.push_back(std::move(sweep));
  }
  snapshot.checkpoints = read_checkpoints(database_);
  return snapshot;
}

}  // namespace firesweep
