#include "coordinator/store/snapshot_reader.h"

#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "coordinator/store/binding.h"
#include "coordinator/store/broken.h"
#include "coordinator/store/texts.h"
#include "shared/codec/proposal_codec.h"
#include "shared/codec/sweep_codec.h"
#include "shared/domain/methods.h"

namespace firesweep {
namespace {

constexpr const char* kTrials = R"(
  SELECT
    t.number, t.state, t.reason, t.newest_attempt, t.restarts, t.checkpoint_epoch,
    a.worker, a.session, a.started_ms IS NOT NULL, a.resumed_from_epoch,
    coalesce(a.known_epoch, 0),
    (SELECT total(seconds) FROM epochs AS e WHERE e.trial_id = t.trial_id),
    EXISTS (SELECT 1 FROM reused_results AS u WHERE u.trial_id = t.trial_id)
  FROM trials AS t
  LEFT JOIN attempts AS a ON a.trial_id = t.trial_id AND a.attempt_no = t.newest_attempt
  WHERE t.trial_id BETWEEN ?1 AND ?2)";

// Best first by the sweep's metric, ?4. ?3 is 1 to maximize, -1 to minimize.
constexpr const char* kBest = R"(
  SELECT
    trial_id, CASE ?4 WHEN 'test_accuracy' THEN test_accuracy ELSE val_accuracy END AS score
  FROM results
  WHERE trial_id BETWEEN ?1 AND ?2 AND score IS NOT NULL
  ORDER BY ?3 * score DESC, trial_id
  LIMIT 1)";

// In a fixed order. By the sweep's metric, ?3.
constexpr const char* kScores = R"(
  SELECT
    trial_id, epoch, CASE ?3 WHEN 'test_accuracy' THEN test_accuracy ELSE val_accuracy END AS score
  FROM epochs
  WHERE trial_id BETWEEN ?1 AND ?2 AND score IS NOT NULL
  ORDER BY trial_id, epoch)";

constexpr const char* kPromotions = R"(
  SELECT trial_id, epoch, score, threshold, rank, seen
  FROM promotions
  WHERE trial_id BETWEEN ?1 AND ?2
  ORDER BY trial_id, epoch)";

constexpr const char* kSweeps = R"(
  SELECT
    sweep_id, state, failing, spec, dataset_checksum, total_trials, name, dataset, trainer, metric,
    protocol, hash
  FROM sweeps
  ORDER BY sweep_id)";
constexpr const char* kArchitectures =
    "SELECT name, text FROM architectures WHERE sweep_id = ? AND segment = ?";
constexpr const char* kExtensions =
    "SELECT segment, spec FROM extensions WHERE sweep_id = ? ORDER BY segment";
constexpr const char* kCheckpoints = R"(
  SELECT trial_id, attempt_no, number, epoch, bytes, sha256, format, file
  FROM checkpoints
  ORDER BY trial_id)";
constexpr const char* kLife = "SELECT id, number FROM generations ORDER BY number DESC LIMIT 1";
constexpr const char* kProposals = R"(
  SELECT point, at, "values", results, running
  FROM proposals
  WHERE sweep_id = ?
  ORDER BY point)";
// By the sweep's metric, ?2.
constexpr const char* kSearchResults = R"(
  SELECT trial_id, CASE ?2 WHEN 'test_accuracy' THEN test_accuracy ELSE val_accuracy END AS score
  FROM search_results JOIN results USING (trial_id)
  WHERE sweep_id = ?1
  ORDER BY ordinal)";
// By the sweep's metric, ?3.
constexpr const char* kSeedScores = R"(
  SELECT trial_id, CASE ?3 WHEN 'test_accuracy' THEN test_accuracy ELSE val_accuracy END AS score
  FROM results
  WHERE trial_id BETWEEN ?1 AND ?2
  ORDER BY trial_id)";
constexpr const char* kRacedOut = R"(
  SELECT
    trial_id, seeds, of_seeds, top, better_trial_id, pairs, difference, deviation, freedom, p,
    comparisons, level
  FROM raced_out
  WHERE trial_id BETWEEN ?1 AND ?2)";
constexpr const char* kKnownResults = R"(
  SELECT
    r.trial_id, c.config_hash, s.dataset, c.seed, r.val_accuracy, r.test_accuracy, r.build_commit,
    r.torch_version, r.device
  FROM results AS r JOIN configs AS c USING (trial_id)
  JOIN sweeps AS s ON s.sweep_id = r.trial_id >> 40
  WHERE NOT EXISTS (SELECT 1 FROM reused_results AS u WHERE u.trial_id = r.trial_id)
  ORDER BY r.trial_id)";
constexpr std::size_t kThawedKept = 16;

std::map<TrialId, StoredCheckpoint> read_checkpoints(SQLite::Statement& rows) {
  std::map<TrialId, StoredCheckpoint> checkpoints;
  const ResetGuard guard(rows);
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

DatabaseLife read_life(SQLite::Statement& newest) {
  const ResetGuard guard(newest);
  if (!newest.executeStep()) return {};
  return {Generation{static_cast<std::uint64_t>(newest.getColumn(0).getInt64())},
          newest.getColumn(1).getInt64()};
}

// Ends without a trace, whatever happened.
class ReadTransaction {
 public:
  ReadTransaction(SQLite::Statement& begin, SQLite::Statement& end) : end_(end) { run(begin); }
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;
  ~ReadTransaction() {
    end_.tryExecuteStep();
    end_.tryReset();
  }

 private:
  SQLite::Statement& end_;
};

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
  trial.reused = row.getColumn(12).getInt() != 0;
  return trial;
}

}  // namespace

struct SnapshotReader::Statements {
  explicit Statements(SQLite::Database& database)
      : sweeps(database, kSweeps),
        architectures(database, kArchitectures),
        extensions(database, kExtensions),
        trials(database, kTrials),
        best(database, kBest),
        scores(database, kScores),
        promotions(database, kPromotions),
        checkpoints(database, kCheckpoints),
        life(database, kLife),
        proposals(database, kProposals),
        search_results(database, kSearchResults),
        seed_scores(database, kSeedScores),
        raced_out(database, kRacedOut),
        known_results(database, kKnownResults),
        begin(database, "BEGIN"),
        end(database, "COMMIT") {}

  // What is read from equal texts is equal: after a failed commit the same sweeps are read again.
  Result<std::shared_ptr<const FrozenSweep>> read_frozen(SweepId sweep, std::int64_t segment,
                                                         std::string spec,
                                                         const std::string& dataset_checksum) {
    Texts texts{std::move(spec), dataset_checksum, {}};
    {
      const ResetGuard guard(architectures);
      bind_all(architectures, sweep.value, segment);
      while (architectures.executeStep()) {
        texts.architectures.emplace(architectures.getColumn(0).getString(),
                                    architectures.getColumn(1).getString());
      }
    }
    if (const auto known = thawed.find(texts); known != thawed.end()) return known->second;
    auto frozen = thaw(texts.spec, texts.architectures);
    if (!frozen) return tl::unexpected(std::move(frozen.error()));
    frozen->dataset_checksum = dataset_checksum;
    if (thawed.size() >= kThawedKept) thawed.clear();
    return thawed.emplace(std::move(texts), std::make_shared<const FrozenSweep>(std::move(*frozen)))
        .first->second;
  }

  // The sweep's file and those that extended it.
  Result<void> read_files(SweepSnapshot& sweep) {
    const std::string checksum = sweeps.getColumn(4).getString();
    auto frozen = read_frozen(sweep.sweep, 0, sweeps.getColumn(3).getString(), checksum);
    if (!frozen) return tl::unexpected(std::move(frozen.error()));
    sweep.frozen = std::move(*frozen);
    const ResetGuard guard(extensions);
    extensions.bind(1, sweep.sweep.value);
    while (extensions.executeStep()) {
      auto extension = read_frozen(sweep.sweep, extensions.getColumn(0).getInt64(),
                                   extensions.getColumn(1).getString(), checksum);
      if (!extension) return tl::unexpected(std::move(extension.error()));
      sweep.extensions.push_back(std::move(*extension));
    }
    return {};
  }

  // What the sweep's row says of a file that does not read back.
  std::shared_ptr<const FrozenSweep> read_row() {
    auto frozen = std::make_shared<FrozenSweep>();
    frozen->canonical = sweeps.getColumn(3).getString();
    frozen->dataset_checksum = sweeps.getColumn(4).getString();
    frozen->spec.name = sweeps.getColumn(6).getString();
    read_word(7, frozen->spec.dataset);
    read_word(8, frozen->spec.trainer);
    read_word(9, frozen->spec.metric);
    read_word(10, frozen->spec.base.protocol);
    frozen->hash = sweeps.getColumn(11).getString();
    return frozen;
  }

  // A word of a newer build leaves the choice as it is: nothing is decided by a broken sweep's.
  template <Choice T>
  void read_word(int column, T& choice) {
    choice = find_choice<T>(sweeps.getColumn(column).getString()).value_or(choice);
  }

  void read_trials(SweepSnapshot& sweep) {
    const ResetGuard guard(trials);
    bind_all(trials, first_trial_of(sweep.sweep).value, last_trial_of(sweep.sweep).value);
    while (trials.executeStep()) {
      sweep.trials.emplace_hint(sweep.trials.end(), trials.getColumn(0).getInt64(),
                                read_trial(trials));
    }
  }

  void read_best(SweepSnapshot& sweep) {
    const ResetGuard guard(best);
    const SweepSpec& spec = sweep.frozen->spec;
    bind_all(best, first_trial_of(sweep.sweep).value, last_trial_of(sweep.sweep).value,
             std::int64_t{spec.maximize ? 1 : -1}, to_string(spec.metric));
    if (!best.executeStep()) return;
    sweep.best_trial = TrialId{best.getColumn(0).getInt64()};
    sweep.best_accuracy = best.getColumn(1).getDouble();
  }

  void read_search(SweepSnapshot& sweep) {
    const ResetGuard guard(proposals);
    proposals.bind(1, sweep.sweep.value);
    while (proposals.executeStep()) {
      Proposal one;
      one.point = proposals.getColumn(0).getInt64();
      one.results = proposals.getColumn(3).getInt64();
      const auto read =
          decode_proposal(proposals.getColumn(1).getString(), proposals.getColumn(2).getString(),
                          proposals.getColumn(4).getString(), one);
      if (!read) {
        throw std::runtime_error("point " + std::to_string(one.point) + " of sweep " +
                                 std::to_string(sweep.sweep.value) + ": " +
                                 to_string(read.error()));
      }
      sweep.proposals.push_back(std::move(one));
    }
    const ResetGuard other(search_results);
    bind_all(search_results, sweep.sweep.value, to_string(sweep.frozen->spec.metric));
    while (search_results.executeStep()) {
      const SQLite::Column score = search_results.getColumn(1);
      sweep.results.push_back({number_of(TrialId{search_results.getColumn(0).getInt64()}),
                               score.isNull() ? std::nullopt : std::optional(score.getDouble())});
    }
  }

  void read_scores(SweepSnapshot& sweep) {
    const SweepSpec& spec = sweep.frozen->spec;
    if (!spec.early_terminate) return;
    const ResetGuard guard(scores);
    bind_all(scores, first_trial_of(sweep.sweep).value, last_trial_of(sweep.sweep).value,
             to_string(spec.metric));
    while (scores.executeStep()) {
      sweep.scores.push_back({number_of(TrialId{scores.getColumn(0).getInt64()}),
                              scores.getColumn(1).getInt64(), scores.getColumn(2).getDouble()});
    }
  }

  void read_promotions(SweepSnapshot& sweep) {
    if (!sweep.frozen->spec.early_terminate) return;
    const ResetGuard guard(promotions);
    bind_all(promotions, first_trial_of(sweep.sweep).value, last_trial_of(sweep.sweep).value);
    while (promotions.executeStep()) {
      sweep.promotions.push_back({number_of(TrialId{promotions.getColumn(0).getInt64()}),
                                  {.epoch = promotions.getColumn(1).getInt64(),
                                   .score = promotions.getColumn(2).getDouble(),
                                   .threshold = promotions.getColumn(3).getDouble(),
                                   .rank = promotions.getColumn(4).getInt64(),
                                   .seen = promotions.getColumn(5).getInt64()}});
    }
  }

  void read_race(SweepSnapshot& sweep) {
    const TrialId first = first_trial_of(sweep.sweep);
    const TrialId last = last_trial_of(sweep.sweep);
    const ResetGuard guard(seed_scores);
    bind_all(seed_scores, first.value, last.value, to_string(sweep.frozen->spec.metric));
    while (seed_scores.executeStep()) {
      const SQLite::Column score = seed_scores.getColumn(1);
      sweep.seed_scores.push_back(
          {number_of(TrialId{seed_scores.getColumn(0).getInt64()}),
           score.isNull() ? std::nullopt : std::optional(score.getDouble())});
    }
    const ResetGuard other(raced_out);
    bind_all(raced_out, first.value, last.value);
    while (raced_out.executeStep()) {
      RaceEvidence on;
      on.seeds = raced_out.getColumn(1).getInt64();
      on.of_seeds = raced_out.getColumn(2).getInt64();
      on.top = raced_out.getColumn(3).getInt64();
      on.better = number_of(TrialId{raced_out.getColumn(4).getInt64()});
      on.pairs = raced_out.getColumn(5).getInt64();
      on.difference = raced_out.getColumn(6).getDouble();
      on.deviation = raced_out.getColumn(7).getDouble();
      on.freedom = raced_out.getColumn(8).getInt64();
      on.p = raced_out.getColumn(9).getDouble();
      on.comparisons = raced_out.getColumn(10).getInt64();
      on.level = raced_out.getColumn(11).getDouble();
      sweep.raced_out.emplace(number_of(TrialId{raced_out.getColumn(0).getInt64()}), on);
    }
  }

  struct Texts {
    std::string spec, dataset_checksum;
    std::map<std::string, std::string> architectures;
    friend auto operator<=>(const Texts&, const Texts&) = default;
  };

  SQLite::Statement sweeps, architectures, extensions, trials, best, scores, promotions,
      checkpoints, life, proposals, search_results, seed_scores, raced_out, known_results, begin,
      end;
  std::map<Texts, std::shared_ptr<const FrozenSweep>> thawed;
};

SnapshotReader::SnapshotReader(SQLite::Database& database)
    : statements_(std::make_unique<Statements>(database)) {}
SnapshotReader::~SnapshotReader() = default;

Snapshot SnapshotReader::read() {
  const ReadTransaction transaction(statements_->begin, statements_->end);
  return read_rows();
}

Snapshot SnapshotReader::read_rows() {
  Snapshot snapshot;
  snapshot.life = read_life(statements_->life);
  SQLite::Statement& sweeps = statements_->sweeps;
  const ResetGuard guard(sweeps);
  while (sweeps.executeStep()) {
    SweepSnapshot sweep;
    sweep.sweep = SweepId{sweeps.getColumn(0).getInt64()};
    sweep.state = sweep_state_from(sweeps.getColumn(1).getString());
    sweep.failing = sweeps.getColumn(2).getInt() != 0;
    sweep.total_trials = sweeps.getColumn(5).getInt64();
    if (const auto read = statements_->read_files(sweep); !read) {
      sweep.broken = unreadable(read.error());
      sweep.frozen = statements_->read_row();
      sweep.extensions.clear();
    }
    statements_->read_trials(sweep);
    statements_->read_best(sweep);
    if (learns(sweep.frozen->spec.method)) statements_->read_search(sweep);
    statements_->read_scores(sweep);
    statements_->read_promotions(sweep);
    if (sweep.frozen->spec.racing) statements_->read_race(sweep);
    snapshot.sweeps.push_back(std::move(sweep));
  }
  snapshot.checkpoints = read_checkpoints(statements_->checkpoints);
  const bool reuses = std::any_of(snapshot.sweeps.begin(), snapshot.sweeps.end(),
                                  [](const auto& sweep) { return sweep.frozen->spec.reuse; });
  if (reuses) snapshot.known_results = known_results();
  return snapshot;
}

std::vector<KnownResult> SnapshotReader::known_results() {
  const auto number = [](const SQLite::Column& column) {
    return column.isNull() ? std::nullopt : std::optional(column.getDouble());
  };
  std::vector<KnownResult> known;
  SQLite::Statement& row = statements_->known_results;
  const ResetGuard guard(row);
  while (row.executeStep()) {
    known.push_back({TrialId{row.getColumn(0).getInt64()}, row.getColumn(1).getString(),
                     row.getColumn(2).getString(), row.getColumn(3).getInt64(),
                     number(row.getColumn(4)), number(row.getColumn(5)),
                     row.getColumn(6).getString(), row.getColumn(7).getString(),
                     row.getColumn(8).getString()});
  }
  return known;
}

}  // namespace firesweep
