#include "coordinator/store/contradictions.h"

#include <SQLiteCpp/Statement.h>

#include <map>
#include <set>

#include "shared/base/ids.h"

namespace firesweep {
namespace {

// Each selects a trial's id and what is wrong with it, for "trial 1/3 …".
constexpr const char* kRules[] = {
    R"(SELECT t.trial_id, 'is COMPLETE but has no result'
       FROM trials AS t LEFT JOIN results AS r USING (trial_id)
       WHERE t.state = 'COMPLETE' AND r.trial_id IS NULL)",
    R"(SELECT t.trial_id, 'has a result but is ' || t.state
       FROM results AS r JOIN trials AS t USING (trial_id)
       WHERE t.state <> 'COMPLETE')",
    R"(SELECT t.trial_id, 'was given to a worker but has no row in configs'
       FROM trials AS t LEFT JOIN configs AS c USING (trial_id)
       WHERE t.newest_attempt > 0 AND c.trial_id IS NULL)",
    R"(SELECT t.trial_id, 'has no row of its newest attempt, ' || t.newest_attempt
       FROM trials AS t LEFT JOIN attempts AS a
         ON a.trial_id = t.trial_id AND a.attempt_no = t.newest_attempt
       WHERE t.newest_attempt > 0 AND a.trial_id IS NULL)",
    R"(SELECT a.trial_id, 'has attempt ' || a.attempt_no || ', newer than its newest, '
         || t.newest_attempt
       FROM attempts AS a JOIN trials AS t USING (trial_id)
       WHERE a.attempt_no > t.newest_attempt)",
    R"(SELECT t.trial_id, 'is ' || t.state || ' but its attempt has ended'
       FROM trials AS t JOIN attempts AS a
         ON a.trial_id = t.trial_id AND a.attempt_no = t.newest_attempt
       WHERE t.state IN ('ASSIGNED', 'RUNNING', 'STOPPING') AND a.ended IS NOT NULL)",
    R"(SELECT a.trial_id, 'is ' || t.state || ' but its attempt ' || a.attempt_no || ' has not ended'
       FROM attempts AS a JOIN trials AS t USING (trial_id)
       WHERE a.ended IS NULL AND t.state NOT IN ('ASSIGNED', 'RUNNING', 'STOPPING'))",
};

// The same in one pass over the trials, each looked up in the other tables by its key.
constexpr const char* kQuickRule =
    R"(SELECT 1
       FROM trials AS t
         LEFT JOIN results AS r ON r.trial_id = t.trial_id
         LEFT JOIN configs AS c ON c.trial_id = t.trial_id
         LEFT JOIN attempts AS a ON a.trial_id = t.trial_id AND a.attempt_no = t.newest_attempt
         LEFT JOIN sweeps AS s ON s.sweep_id = t.sweep_id
       WHERE t.trial_id BETWEEN ?1 AND ?2
         AND (s.sweep_id IS NULL OR (t.state = 'COMPLETE') <> (r.trial_id IS NOT NULL)
           OR (t.newest_attempt > 0 AND (c.trial_id IS NULL OR a.trial_id IS NULL)))
       LIMIT 1)";
// A result of no trial: those of trials were just found to be as many as there are COMPLETE ones.
constexpr const char* kStrayResults =
    R"(SELECT (SELECT count(*) FROM results WHERE trial_id BETWEEN ?1 AND ?2)
         <> (SELECT count(*) FROM trials WHERE trial_id BETWEEN ?1 AND ?2 AND state = 'COMPLETE'))";

class Finder {
 public:
  explicit Finder(std::size_t most) : most_(most) {}

  void add(std::string line) {
    ++found_.count;
    if (found_.lines.size() < most_) found_.lines.push_back(std::move(line));
  }
  Contradictions take() { return std::move(found_); }

 private:
  std::size_t most_;
  Contradictions found_;
};

// Rows that name another that is not there. A table without row ids gives no row to name.
void find_dangling(SQLite::Database& database, Finder& finder) {
  SQLite::Statement rows(database, "PRAGMA foreign_key_check");
  std::map<std::string, std::int64_t> nameless;
  while (rows.executeStep()) {
    const std::string table = rows.getColumn(0).getString();
    const std::string wanted =
        " names a row of " + rows.getColumn(2).getString() + " that is not there";
    if (rows.getColumn(1).isNull()) {
      ++nameless[table + wanted];
      continue;
    }
    const TrialId trial{rows.getColumn(1).getInt64()};
    const bool by_trial = table != "sweeps" && table != "epochs";
    finder.add(by_trial ? "row " + to_string(trial) + " of " + table + wanted
                        : "row " + std::to_string(trial.value) + " of " + table + wanted);
  }
  for (const auto& [what, count] : nameless) {
    for (std::int64_t i = 0; i < count; ++i) {
      finder.add("a row of " + what + (count > 1 ? ", one of " + std::to_string(count) : ""));
    }
  }
}

}  // namespace

bool has_contradictions(SQLite::Database& database, TrialId first, TrialId last) {
  const auto asked = [&](const char* sql) {
    SQLite::Statement statement(database, sql);
    statement.bind(1, first.value);
    statement.bind(2, last.value);
    return statement.executeStep() && statement.getColumn(0).getInt() != 0;
  };
  return asked(kQuickRule) || asked(kStrayResults);
}

Error refusal_of(const Contradictions& found, const std::filesystem::path& path) {
  const std::string more =
      found.count > 1 ? " (and " + std::to_string(found.count - 1) + " more)" : "";
  return {ErrorCode::kBadInput, path.string(),
          "its rows contradict each other: " + found.lines.front() + more, kContradictionsHint};
}

Contradictions find_contradictions(SQLite::Database& database, std::size_t most) {
  Finder finder(most);
  find_dangling(database, finder);
  for (const char* rule : kRules) {
    SQLite::Statement rows(database, rule);
    while (rows.executeStep()) {
      finder.add("trial " + to_string(TrialId{rows.getColumn(0).getInt64()}) + " " +
                 rows.getColumn(1).getString());
    }
  }
  SQLite::Statement sweeps(database, R"(SELECT s.sweep_id, s.total_trials, count(t.trial_id)
       FROM sweeps AS s JOIN trials AS t USING (sweep_id)
       GROUP BY s.sweep_id HAVING count(t.trial_id) > s.total_trials)");
  while (sweeps.executeStep()) {
    finder.add("sweep " + sweeps.getColumn(0).getString() + " is said to have " +
               sweeps.getColumn(1).getString() + " trials but has " +
               sweeps.getColumn(2).getString());
  }
  return finder.take();
}

}  // namespace firesweep
