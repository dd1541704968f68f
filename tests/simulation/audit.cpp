#include "tests/simulation/audit.h"

#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "coordinator/store/texts.h"
#include "shared/codec/proposal_codec.h"

namespace firesweep::simulation {
namespace {

[[noreturn]] void differs(const std::string& what) { throw Violation("the database: " + what); }

// One SELECT.
class Query {
 public:
  Query(sqlite3* database, const char* sql) : database_(database) {
    if (sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr) != SQLITE_OK) {
      throw std::runtime_error(std::string(sql) + ": " + sqlite3_errmsg(database));
    }
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query() { sqlite3_finalize(statement_); }

  // Runs it anew.
  Query& rows() {
    sqlite3_reset(statement_);
    return *this;
  }
  bool next() {
    const int outcome = sqlite3_step(statement_);
    if (outcome == SQLITE_ROW) return true;
    if (outcome != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database_));
    sqlite3_reset(statement_);
    return false;
  }
  std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
  double real(int column) const { return sqlite3_column_double(statement_, column); }
  bool null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::string_view text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return bytes == nullptr ? std::string_view() : bytes;
  }

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
};

void audit_sweeps(const Ledger& ledger, Query& rows) {
  std::size_t count = 0;
  for (; rows.next(); ++count) {
    const auto known = ledger.sweeps().find(SweepId{rows.number(0)});
    if (known == ledger.sweeps().end()) differs("a sweep nobody committed");
    if (rows.text(1) != to_string(known->second.state)) differs("a sweep in another state");
    if (rows.number(2) != known->second.space->trials()) differs("a sweep of another size");
  }
  if (count != ledger.sweeps().size()) differs("a sweep is missing");
}

void audit_trials(const Ledger& ledger, Query& rows) {
  std::size_t expected = 0;
  for (const auto& [id, sweep] : ledger.sweeps()) {
    expected += static_cast<std::size_t>(
        std::count_if(sweep.trials.begin(), sweep.trials.end(), [](const auto& entry) {
          const LedgerTrial& trial = entry.second;
          return !trial.attempts.empty() || is_terminal(trial.state) || trial.retries > 0;
        }));
  }
  std::size_t count = 0;
  for (; rows.next(); ++count) {
    const TrialId id{rows.number(0)};
    const LedgerTrial* trial = ledger.find(id);
    const std::string who = "trial " + to_string(id);
    if (trial == nullptr) differs(who + " was never committed");
    if (rows.text(1) != name_of(trial->state)) {
      differs(who + " is " + std::string(rows.text(1)) + ", committed was " +
              std::string(name_of(trial->state)));
    }
    const auto reason = reason_of(trial->state);
    if (rows.text(2) != (reason ? to_string(*reason) : std::string_view())) {
      differs(who + " has another reason");
    }
    if (rows.number(3) != trial->newest().value) differs(who + " has other attempts");
    if (rows.number(4) != trial->restarts) differs(who + " has other restarts");
    if (rows.number(5) != trial->checkpoint_epoch) differs(who + " has another checkpoint");
  }
  if (count != expected) differs("a trial is missing");
}

template <class Count>
std::size_t over_trials(const Ledger& ledger, Count count) {
  std::size_t sum = 0;
  for (const auto& [id, sweep] : ledger.sweeps()) {
    for (const auto& [number, trial] : sweep.trials) sum += count(trial);
  }
  return sum;
}

void audit_attempts(const Ledger& ledger, Query& rows) {
  std::size_t count = 0;
  for (; rows.next(); ++count) {
    const TrialKey key{{rows.number(0)}, {rows.number(1)}};
    const LedgerAttempt* attempt = ledger.find(key);
    const std::string who = "attempt " + to_string(key);
    if (attempt == nullptr) differs(who + " was never committed");
    if ((rows.number(2) != 0) != attempt->started) differs(who + " started otherwise");
    if (rows.number(3) != attempt->resumed_from) differs(who + " resumed otherwise");
    const std::string_view end = attempt->end ? to_string(*attempt->end) : std::string_view();
    if (rows.text(4) != end) differs(who + " ended otherwise");
    if ((rows.number(5) != 0) != attempt->charged) differs(who + " is charged otherwise");
    if ((rows.number(6) != 0) != attempt->missed) differs(who + " missed otherwise");
  }
  if (count != over_trials(ledger, [](const auto& trial) { return trial.attempts.size(); })) {
    differs("an attempt is missing");
  }
}

void audit_checkpoints(const Ledger& ledger, Query& rows) {
  std::size_t count = 0;
  for (; rows.next(); ++count) {
    const LedgerTrial* trial = ledger.find(TrialId{rows.number(0)});
    if (trial == nullptr || !trial->stored || rows.text(1) != trial->stored->file) {
      differs("a checkpoint nobody committed");
    }
  }
  const auto stored = [](const auto& trial) { return trial.stored ? std::size_t{1} : 0; };
  if (count != over_trials(ledger, stored)) differs("a checkpoint is missing");
}

void audit_terminations(const Ledger& ledger, Query& rows) {
  std::size_t count = 0;
  for (; rows.next(); ++count) {
    const LedgerTrial* trial = ledger.find(TrialId{rows.number(0)});
    const auto known = trial == nullptr ? std::map<AttemptNo, Evidence>() : trial->terminated;
    const auto found = known.find(AttemptNo{rows.number(1)});
    if (found == known.end() || found->second.epoch != rows.number(2) ||
        found->second.seen != rows.number(3)) {
      differs("a termination nobody committed");
    }
  }
  if (count != over_trials(ledger, [](const auto& trial) { return trial.terminated.size(); })) {
    differs("a termination is missing");
  }
}

void audit_promotions(const Ledger& ledger, Query& rows) {
  std::size_t count = 0;
  for (; rows.next(); ++count) {
    const LedgerTrial* trial = ledger.find(TrialId{rows.number(0)});
    const auto known = trial == nullptr ? std::map<std::int64_t, Evidence>() : trial->promoted;
    const auto found = known.find(rows.number(1));
    if (found == known.end() || found->second.seen != rows.number(2)) {
      differs("a promotion nobody committed");
    }
  }
  if (count != over_trials(ledger, [](const auto& trial) { return trial.promoted.size(); })) {
    differs("a promotion is missing");
  }
}

void audit_raced_out(const Ledger& ledger, Query& rows) {
  std::size_t expected = 0;
  for (const auto& [id, sweep] : ledger.sweeps()) expected += sweep.raced_out.size();
  std::size_t count = 0;
  for (; rows.next(); ++count) {
    const TrialId id{rows.number(0)};
    const auto sweep = ledger.sweeps().find(sweep_of(id));
    if (sweep == ledger.sweeps().end()) differs("a trial raced out of no sweep");
    const auto found = sweep->second.raced_out.find(number_of(id));
    if (found == sweep->second.raced_out.end() || found->second.seeds != rows.number(1) ||
        found->second.p != rows.real(2)) {
      differs("a trial was raced out otherwise than was committed");
    }
  }
  if (count != expected) differs("a trial that was raced out is missing");
}

void audit_epochs(const Ledger& ledger, Query& rows) {
  std::size_t count = 0;
  for (; rows.next(); ++count) {
    const LedgerTrial* trial = ledger.find(TrialId{rows.number(0)});
    const auto epoch =
        trial == nullptr ? decltype(trial->epochs.begin()){} : trial->epochs.find(rows.number(1));
    if (trial == nullptr || epoch == trial->epochs.end() || epoch->second.value != rows.number(2)) {
      differs("an epoch nobody committed");
    }
  }
  if (count != over_trials(ledger, [](const auto& trial) { return trial.epochs.size(); })) {
    differs("an epoch is missing");
  }
}

void audit_results(const Ledger& ledger, Query& rows) {
  std::size_t count = 0;
  for (; rows.next(); ++count) {
    const LedgerTrial* trial = ledger.find(TrialId{rows.number(0)});
    if (trial == nullptr || trial->accepted != AttemptNo{rows.number(1)}) {
      differs("a result nobody committed");
    }
  }
  if (count != over_trials(ledger, [](const auto& trial) {
        return std::size_t{trial.accepted.has_value()};
      })) {
    differs("a result is missing");
  }
}

void audit_superseded(const Ledger& ledger, Query& rows) {
  std::size_t count = 0;
  for (; rows.next(); ++count) {
    const LedgerTrial* trial = ledger.find(TrialId{rows.number(0)});
    if (trial == nullptr || !trial->superseded.contains(AttemptNo{rows.number(1)})) {
      differs("a superseded result nobody committed");
    }
  }
  if (count != over_trials(ledger, [](const auto& trial) { return trial.superseded.size(); })) {
    differs("a superseded result is missing");
  }
}

void audit_workers(const Ledger& ledger, Query& rows) {
  std::size_t count = 0;
  while (rows.next()) ++count;
  if (count != ledger.workers().size()) differs("a worker is missing, or one too many");
}

void audit_proposals(const Ledger& ledger, Query& rows) {
  std::size_t expected = 0;
  for (const auto& [id, sweep] : ledger.sweeps()) expected += sweep.proposals.size();
  std::size_t count = 0;
  for (; rows.next(); ++count) {
    const auto sweep = ledger.sweeps().find(SweepId{rows.number(0)});
    const auto point = static_cast<std::size_t>(rows.number(1));
    if (sweep == ledger.sweeps().end() || point >= sweep->second.proposals.size()) {
      differs("a proposal nobody committed");
    }
    const Proposal& known = sweep->second.proposals[point];
    if (rows.text(2) != encode_coordinates(known.at) ||
        rows.text(3) != encode_values(known.values) || rows.number(4) != known.results ||
        rows.text(5) != encode_points(known.running)) {
      differs("another proposal than was committed");
    }
  }
  if (count != expected) differs("a proposal is missing");
}

void audit_learnt(const Ledger& ledger, Query& rows) {
  std::size_t expected = 0;
  for (const auto& [id, sweep] : ledger.sweeps()) expected += sweep.learnt.size();
  std::size_t count = 0;
  for (; rows.next(); ++count) {
    const TrialId id{rows.number(1)};
    const auto sweep = ledger.sweeps().find(sweep_of(id));
    const auto place = static_cast<std::size_t>(rows.number(0)) - 1;
    if (sweep == ledger.sweeps().end() || place >= sweep->second.learnt.size() ||
        sweep->second.learnt[place] != number_of(id)) {
      differs("a result is learnt otherwise than was committed");
    }
  }
  if (count != expected) differs("a result that was learnt is missing");
}

// What the world knows of a completed trial.
struct Truth {
  std::int64_t epochs = 0;  // longer trainings are another board, as are those of another dataset
  DatasetName dataset = DatasetName::kCifar100;
  double score = 0;
  std::int64_t params = 0;
};

std::map<std::int64_t, Truth> truths(const Ledger& ledger) {
  std::map<std::int64_t, Truth> complete;
  for (const auto& [id, sweep] : ledger.sweeps()) {
    for (const auto& [number, trial] : sweep.trials) {
      if (!trial.accepted) continue;
      const TrialConfig config = *sweep.space->config(number);
      complete[make_trial_id(id, number).value] = {config.epochs, sweep.frozen->spec.dataset,
                                                   trial.true_accuracy(),
                                                   sweep.space->cost(number).params};
    }
  }
  return complete;
}

// A trial's rank: one more than those on its board that are better, or as good and smaller.
std::int64_t rank_of(const Truth& truth, const std::map<std::int64_t, Truth>& all) {
  return 1 + std::count_if(all.begin(), all.end(), [&](const auto& entry) {
           const Truth& other = entry.second;
           if (other.epochs != truth.epochs || other.dataset != truth.dataset) return false;
           return other.score > truth.score ||
                  (other.score == truth.score && other.params < truth.params);
         });
}

void audit_board(const Ledger& ledger, Query& rows) {
  const auto complete = truths(ledger);
  std::size_t count = 0;
  for (; rows.next(); ++count) {
    const TrialId id{rows.number(0)};
    const std::string who = "trial " + to_string(id) + " on the leaderboard";
    const auto truth = complete.find(id.value);
    if (truth == complete.end()) differs(who + " has no result");
    const TrialConfig config = *ledger.sweeps().at(sweep_of(id)).space->config(number_of(id));
    if (rows.real(2) != truth->second.score) differs(who + " has another accuracy");
    if (rows.text(3) != config.variant || rows.real(4) != config.lr ||
        rows.number(5) != config.seed || rows.number(6) != truth->second.params) {
      differs(who + " has another config");
    }
    if (rows.text(7) != "COMPLETE") differs(who + " is not COMPLETE");
    const std::int64_t rank = rank_of(truth->second, complete);
    if (rows.null(1) || rows.number(1) != rank) {
      differs(who + " has rank " + std::to_string(rows.number(1)) + ", expected " +
              std::to_string(rank));
    }
  }
  if (count != complete.size()) differs("a result is missing from the leaderboard");
}

}  // namespace

struct Auditor::Queries {
  explicit Queries(sqlite3* database)
      : sweeps(database, "SELECT sweep_id, state, total_trials FROM sweeps"),
        trials(database, R"(
          SELECT trial_id, state, reason, newest_attempt, restarts, checkpoint_epoch
          FROM trials)"),
        attempts(database, R"(
          SELECT
            trial_id, attempt_no, started_ms IS NOT NULL, resumed_from_epoch, ended, charged,
            checkpoint_missed
          FROM attempts)"),
        checkpoints(database, "SELECT trial_id, file FROM checkpoints"),
        terminations(database, "SELECT trial_id, attempt_no, epoch, seen FROM terminations"),
        promotions(database, "SELECT trial_id, epoch, seen FROM promotions"),
        raced_out(database, "SELECT trial_id, seeds, p FROM raced_out"),
        epochs(database, "SELECT trial_id, epoch, attempt_no FROM epochs"),
        results(database, "SELECT trial_id, attempt_no FROM results"),
        superseded(database, "SELECT trial_id, attempt_no FROM superseded_results"),
        workers(database, "SELECT session FROM workers"),
        proposals(database, R"(
          SELECT sweep_id, point, at, "values", results, running
          FROM proposals)"),
        learnt(database, "SELECT ordinal, trial_id FROM search_results"),
        leaderboard(database, R"(
          SELECT trial_id, rank, val_accuracy, variant, lr, seed, params, state
          FROM leaderboard)") {}

  // An open cursor would hold up the next commit.
  void reset() {
    for (Query* one : {&sweeps, &trials, &attempts, &checkpoints, &terminations, &promotions,
                       &raced_out, &epochs, &results, &superseded, &workers, &proposals, &learnt}) {
      one->rows();
    }
  }

  Query sweeps, trials, attempts, checkpoints, terminations, promotions, raced_out, epochs, results,
      superseded, workers, proposals, learnt, leaderboard;
};

Auditor::Auditor(sqlite3* database) : queries_(std::make_unique<Queries>(database)) {}
Auditor::~Auditor() = default;

void Auditor::audit_rows(const Ledger& ledger) {
  audit_sweeps(ledger, queries_->sweeps.rows());
  audit_trials(ledger, queries_->trials.rows());
  audit_attempts(ledger, queries_->attempts.rows());
  audit_checkpoints(ledger, queries_->checkpoints.rows());
  audit_terminations(ledger, queries_->terminations.rows());
  audit_promotions(ledger, queries_->promotions.rows());
  audit_raced_out(ledger, queries_->raced_out.rows());
  audit_epochs(ledger, queries_->epochs.rows());
  audit_results(ledger, queries_->results.rows());
  audit_superseded(ledger, queries_->superseded.rows());
  audit_workers(ledger, queries_->workers.rows());
  audit_proposals(ledger, queries_->proposals.rows());
  audit_learnt(ledger, queries_->learnt.rows());
}

bool Auditor::holds(const Ledger& ledger) {
  try {
    audit_rows(ledger);
    return true;
  } catch (const Violation&) {
    queries_->reset();
    return false;
  }
}

void Auditor::audit_leaderboard(const Ledger& ledger) {
  audit_board(ledger, queries_->leaderboard.rows());
}

}  // namespace firesweep::simulation
