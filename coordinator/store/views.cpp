#include "coordinator/store/views.h"

#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "shared/domain/fields.h"
#include "shared/domain/results.h"

namespace firesweep {
namespace {

std::string literal(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "1" : "0";
  if (const auto* text = std::get_if<std::string>(&value)) return "'" + *text + "'";
  return to_string(value);
}

std::string_view sql_type(const Field& field) {
  switch (type_of(field)) {
    case FieldType::kText:
      return "TEXT";
    case FieldType::kReal:
      return "REAL";
    case FieldType::kFlag:
    case FieldType::kWhole:
      break;
  }
  return "INTEGER";
}

std::string json_member(std::string_view name) {
  return "json_extract(config, '$." + std::string(name) + "')";
}

std::string quoted(std::string_view name) { return '"' + std::string(name) + '"'; }

// A field as the config has it; in configs of older builds its former one, or what was done then.
std::string column_of(const Field& field) {
  std::string value = json_member(field.name);
  if (field.since > 1 && field.before) {
    const std::string before = literal(*field.before);
    if (field.former.values.empty()) {
      value = "coalesce(" + value;
    } else {
      value =
          "coalesce(nullif(" + value + ", " + before + "), CASE " + json_member(field.former.name);
      for (const auto& [old, now] : field.former.values) {
        value += " WHEN " + literal(old) + " THEN " + literal(now);
      }
      value += " END";
    }
    value += ", " + before + ")";
  }
  return "CAST(" + value + " AS " + std::string(sql_type(field)) + ") AS " + quoted(field.name);
}

// What a view names in a place of its own.
constexpr std::string_view kHeadlines[] = {"variant",       "lr",           "label_smoothing",
                                           "epochs",        "protocol",     "val_accuracy",
                                           "test_accuracy", "train_seconds"};

bool is_headline(std::string_view name) {
  return std::find(std::begin(kHeadlines), std::end(kHeadlines), name) != std::end(kHeadlines);
}

template <class Column>
std::string list(bool with_headlines, Column column) {
  std::string text;
  for (const Field& field : fields()) {
    if (!with_headlines && is_headline(field.name)) continue;
    text += (text.empty() ? "" : ",\n  ") + column(field);
  }
  return text;
}

using ResultFields = std::vector<const ResultField*>;

// Results under their names in views, from the table `r`, which may lack some.
std::string list_of_results(const ResultFields& missing) {
  std::string text;
  for (const ResultField& field : results()) {
    if (field.in_views.empty()) continue;
    const bool there = std::find(missing.begin(), missing.end(), &field) == missing.end();
    text += (text.empty() ? "" : ",\n  ") + (there ? "r." + quoted(field.name) : "NULL") + " AS " +
            quoted(field.in_views);
  }
  return text;
}

std::string list_of_other_results() {
  std::string text;
  for (const ResultField& field : results()) {
    if (field.in_views.empty() || is_headline(field.in_views)) continue;
    text += (text.empty() ? "" : ",\n  ") + quoted(field.in_views);
  }
  return text;
}

// The statement with its marks replaced by lists of columns.
std::string filled(std::string_view text, const ResultFields& missing) {
  const std::pair<std::string_view, std::function<std::string()>> marks[] = {
      {"{{columns of the config}}", [] { return list(true, column_of); }},
      {"{{c.fields}}",
       [] { return list(true, [](const Field& f) { return "c." + quoted(f.name); }); }},
      {"{{min of fields}}",
       [] {
         return list(true, [](const Field& f) {
           return "min(" + quoted(f.name) + ") AS " + quoted(f.name);
         });
       }},
      {"{{other fields}}",
       [] { return list(false, [](const Field& f) { return quoted(f.name); }); }},
      {"{{c.other fields}}",
       [] { return list(false, [](const Field& f) { return "c." + quoted(f.name); }); }},
      {"{{r.results}}", [&] { return list_of_results(missing); }},
      {"{{why pruned}}", [] { return std::string(kWhyPruned); }},
      {"{{board order}}", [] { return std::string(kBoardOrder); }},
      {"{{other results}}", list_of_other_results}};
  std::string whole(text);
  for (const auto& [mark, make] : marks) {
    for (auto at = whole.find(mark); at != std::string::npos; at = whole.find(mark)) {
      whole.replace(at, mark.size(), make());
    }
  }
  return whole;
}

// Configs with a column for each hyperparameter.
constexpr std::string_view kTrialConfigs = R"sql(SELECT
  trial_id, config_hash, architecture, architecture_hash, params, macs, seed, config,
  nullif(json_extract(config, '$.arch_params'), '{}') AS arch_params,
  {{columns of the config}}
FROM configs)sql";

// Accepted results with their configs; `score` is what they are ranked by. Without a window, so
// that a query of it computes only the columns it names.
constexpr std::string_view kFinished = R"sql(SELECT
  CASE c.protocol WHEN 'held_out' THEN r.val_accuracy ELSE r.test_accuracy END AS score,
  s.name AS sweep_name, s.dataset, s.dataset_checksum, s.trainer,
  t.trial_id, t.sweep_id, t.number, t.state, t.restarts, c.config_hash, c.architecture_hash,
  c.params, c.macs, c.seed, c.arch_params,
  {{c.fields}},
  r.attempt_no, r.recorded_ms,
  (u.from_trial_id >> 40) || '/' || (u.from_trial_id & ((1 << 40) - 1)) AS reused_from,
  {{r.results}}
FROM results AS r
JOIN trials AS t USING (trial_id)
JOIN trial_configs AS c USING (trial_id)
JOIN sweeps AS s USING (sweep_id)
LEFT JOIN reused_results AS u USING (trial_id))sql";

// The same with its board: rows of equal `board` may be compared.
constexpr std::string_view kScored = R"sql(SELECT
  dense_rank() OVER (ORDER BY {{board order}}) AS board, *
FROM finished)sql";

constexpr std::string_view kLeaderboard = R"sql(SELECT
  CASE WHEN score IS NOT NULL THEN
    rank() OVER (PARTITION BY board ORDER BY score DESC NULLS LAST, params)
  END AS rank,
  sweep_id AS sweep, sweep_id || '/' || number AS trial, variant, lr, label_smoothing, seed,
  params, macs, val_accuracy, test_accuracy, epochs, train_seconds, dataset, protocol, state,
  {{other fields}},
  arch_params,
  {{other results}},
  trainer, restarts, reused_from, board, score, trial_id, config_hash, sweep_name
FROM scored
ORDER BY board, score DESC NULLS LAST, params, trial_id)sql";

// A row a point (a config without its seed, within a sweep). Few seeds say little about their own
// spread: the deviation is pooled over a variant's points. Half the width of the 95 % interval:
// Student's quantile is exact for 1 and 2 degrees of freedom, then the Cornish-Fisher series about
// 1.959964 (Abramowitz and Stegun, 26.7.5), within 0.15 %.
constexpr std::string_view kLeaderboardPoints = R"sql(WITH
point AS (
  SELECT
    board, sweep_id, config_hash, min(number) AS number,
    count(score) AS n_seeds, count(reused_from) AS n_reused, avg(score) AS score,
    count(score) - 1 AS freedom_of_one,
    max(0.0, sum(score * score) - sum(score) * sum(score) / count(score)) AS squares,
    count(val_accuracy) - 1 AS val_freedom, avg(val_accuracy) AS val_mean,
    max(0.0, sum(val_accuracy * val_accuracy)
      - sum(val_accuracy) * sum(val_accuracy) / count(val_accuracy)) AS val_squares,
    count(test_accuracy) - 1 AS test_freedom, avg(test_accuracy) AS test_mean,
    max(0.0, sum(test_accuracy * test_accuracy)
      - sum(test_accuracy) * sum(test_accuracy) / count(test_accuracy)) AS test_squares,
    avg(train_seconds) AS train_seconds, avg(images_per_s) AS images_per_s,
    min(sweep_name) AS sweep_name, min(dataset) AS dataset, min(trainer) AS trainer,
    min(arch_params) AS arch_params, min(params) AS params, min(macs) AS macs,
    min(train_macs) AS train_macs, min(dataset_content) AS dataset_content,
    {{min of fields}}
  FROM scored
  GROUP BY board, sweep_id, config_hash),
pooled AS (
  SELECT *, sum(squares) OVER variants AS pooled_squares,
    nullif(sum(max(freedom_of_one, 0)) OVER variants, 0) AS freedom
  FROM point
  WINDOW variants AS (PARTITION BY board, variant)),
bounded AS (
  SELECT *,
    sqrt(pooled_squares / freedom / n_seeds) * CASE freedom
      WHEN 1 THEN 12.70620
      WHEN 2 THEN 4.30265
      ELSE 1.959964 + 2.37227 / freedom + 2.82250 / pow(freedom, 2)
        + 2.55585 / pow(freedom, 3) + 1.58957 / pow(freedom, 4)
    END AS half_width
  FROM pooled),
ended AS (
  SELECT sweep_id, config_hash, sum(state = 'PRUNED') AS n_pruned, sum(state = 'FAIL') AS n_failed
  FROM trials JOIN configs USING (trial_id)
  WHERE state IN ('PRUNED', 'FAIL')
  GROUP BY sweep_id, config_hash),
raced AS (
  SELECT
    t.sweep_id, c.config_hash,
    printf('after %d of %d seeds: not among the best %d by a paired t-test, variance pooled, level %g',
      o.seeds, o.of_seeds, o.top, o.level) AS raced_out,
    min(o.trial_id)
  FROM raced_out AS o JOIN trials AS t USING (trial_id) JOIN configs AS c USING (trial_id)
  GROUP BY t.sweep_id, c.config_hash),
judged AS (
  SELECT *, coalesce(n_pruned, 0) AS pruned, coalesce(n_failed, 0) AS failed,
    score IS NOT NULL AND coalesce(n_pruned, 0) = 0 AS may_rank
  FROM bounded
  LEFT JOIN ended USING (sweep_id, config_hash)
  LEFT JOIN raced USING (sweep_id, config_hash))
SELECT
  CASE WHEN may_rank THEN
    rank() OVER (PARTITION BY board, may_rank ORDER BY score DESC, params)
  END AS rank,
  sweep_id AS sweep, sweep_id || '/' || number AS point, variant, lr, label_smoothing, n_seeds,
  params, macs,
  val_mean, CASE WHEN val_freedom > 0 THEN sqrt(val_squares / val_freedom) END AS val_sd,
  score - half_width AS ci_low, score + half_width AS ci_high,
  test_mean, CASE WHEN test_freedom > 0 THEN sqrt(test_squares / test_freedom) END AS test_sd,
  epochs, train_seconds, dataset, protocol,
  {{other fields}},
  arch_params, pruned AS n_pruned, failed AS n_failed, n_reused, raced_out, images_per_s, train_macs,
  dataset_content, trainer, board, score, config_hash, sweep_name
FROM judged
ORDER BY board, rank IS NULL, rank, score DESC, sweep_id, number)sql";

// A point is on the front where nothing comparable is at least as good in both accuracy and
// parameters and better in one: no score among points of fewer or equal parameters is higher, none
// of strictly fewer is as high.
constexpr std::string_view kParetoFront = R"sql(WITH running AS (
  SELECT *,
    max(score) OVER (PARTITION BY board ORDER BY params
      GROUPS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS best_so_far,
    max(score) OVER (PARTITION BY board ORDER BY params
      GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS best_of_smaller
  FROM leaderboard_points
  WHERE rank IS NOT NULL)
SELECT
  rank, sweep, point, variant, lr, label_smoothing, n_seeds, params, macs, val_mean, val_sd,
  ci_low, ci_high, test_mean, epochs, train_seconds, dataset, protocol,
  row_number() OVER (PARTITION BY board, params, score ORDER BY sweep, point) > 1 AS duplicate,
  {{other fields}},
  arch_params, trainer, board, score, config_hash, sweep_name
FROM running
WHERE score = best_so_far AND (best_of_smaller IS NULL OR score > best_of_smaller)
ORDER BY board, params, sweep, point)sql";

// Trials that have a row but no result: running ones with their newest epoch, failed ones with
// their reason.
constexpr std::string_view kUnranked = R"sql(SELECT
  t.sweep_id AS sweep, t.sweep_id || '/' || t.number AS trial, t.state, t.reason,
  CASE WHEN t.state = 'PRUNED' AND d.epoch IS NOT NULL THEN {{why pruned}}
    WHEN o.trial_id IS NOT NULL THEN
      printf('not started: after %d of %d seeds its point is not among the best %d (trial %s is '
        || 'better by %.2f points, p = %.2g, of %d comparisons at level %g)', o.seeds, o.of_seeds,
        o.top, (o.better_trial_id >> 40) || '/' || (o.better_trial_id & ((1 << 40) - 1)),
        100 * o.difference, o.p, o.comparisons, o.level)
    ELSE t.message
  END AS message,
  c.variant, c.lr, c.label_smoothing, c.seed, c.params, c.macs, t.newest_attempt AS attempts,
  t.restarts, a.worker, e.epoch, c.epochs, e.train_loss, e.train_accuracy, e.val_loss,
  e.val_accuracy, t.changed_ms, t.trial_id, c.protocol,
  {{c.other fields}},
  c.arch_params
FROM trials AS t
LEFT JOIN trial_configs AS c ON c.trial_id = t.trial_id
LEFT JOIN attempts AS a ON a.trial_id = t.trial_id AND a.attempt_no = t.newest_attempt
LEFT JOIN terminations AS d
  ON d.trial_id = t.trial_id AND d.attempt_no = t.newest_attempt
LEFT JOIN raced_out AS o ON o.trial_id = t.trial_id
LEFT JOIN epochs AS e
  ON e.trial_id = t.trial_id
  AND e.epoch = (SELECT max(epoch) FROM epochs WHERE trial_id = t.trial_id)
WHERE NOT EXISTS (SELECT 1 FROM results AS r WHERE r.trial_id = t.trial_id)
ORDER BY t.trial_id)sql";

// A row a sweep: how far it is. Trials that never had a lease have no row; they count as waiting,
// or as cancelled where the sweep is. With a bare column beside max(), SQLite takes the row that
// holds the maximum.
constexpr std::string_view kSweepOverview = R"sql(WITH
counted AS (
  SELECT
    sweep_id,
    count(*) AS rows_made,
    sum(state = 'WAITING') AS waiting,
    sum(state = 'ASSIGNED') AS assigned,
    sum(state IN ('RUNNING', 'STOPPING')) AS running,
    sum(state = 'COMPLETE') AS complete,
    sum(state = 'PRUNED') AS pruned,
    sum(state = 'FAIL') AS failed,
    sum(state = 'CANCELLED') AS cancelled
  FROM trials
  GROUP BY sweep_id),
best AS (
  SELECT
    t.sweep_id, t.sweep_id || '/' || t.number AS trial,
    max(CASE c.protocol WHEN 'held_out' THEN r.val_accuracy ELSE r.test_accuracy END) AS score
  FROM results AS r
  JOIN trials AS t USING (trial_id)
  JOIN trial_configs AS c USING (trial_id)
  GROUP BY t.sweep_id),
served AS (
  SELECT
    trial_id >> 40 AS sweep_id, max(ended_ms) AS ended,
    max(max(opened_ms)) OVER (PARTITION BY trial_id >> 40) AS last_opened,
    max(max(ended_ms)) OVER (PARTITION BY trial_id >> 40) AS last_ended
  FROM attempts
  WHERE worker <> ''  -- of a reused result
  GROUP BY trial_id >> 40, worker),
spared AS (
  SELECT trial_id >> 40 AS sweep_id, count(*) AS reused
  FROM reused_results
  GROUP BY trial_id >> 40),
idle AS (
  SELECT sweep_id, sum(last_ended - ended) / 1000.0 AS idle
  FROM served
  WHERE ended > last_opened
  GROUP BY sweep_id),
known AS (
  SELECT *, max(0, total_trials - coalesce(rows_made, 0)) AS untouched
  FROM sweeps
  LEFT JOIN counted USING (sweep_id)
  LEFT JOIN best USING (sweep_id)
  LEFT JOIN idle USING (sweep_id)
  LEFT JOIN spared USING (sweep_id))
SELECT
  sweep_id AS sweep, name, state, dataset, trainer, protocol, total_trials AS trials,
  coalesce(complete, 0) AS complete, coalesce(reused, 0) AS reused,
  coalesce(running, 0) AS running,
  coalesce(assigned, 0) AS assigned,
  coalesce(waiting, 0) + iif(state = 'CANCELLED', 0, untouched) AS waiting,
  coalesce(pruned, 0) AS pruned, coalesce(failed, 0) AS failed,
  coalesce(cancelled, 0) + iif(state = 'CANCELLED', untouched, 0) AS cancelled,
  metric, score AS best_score, trial AS best_trial,
  iif(state = 'FINISHED', idle, NULL) AS idle_seconds, created_ms, changed_ms, hash
FROM known
ORDER BY sweep_id)sql";

constexpr std::string_view kCreate = "CREATE VIEW";  // as SQLite keeps it
constexpr std::string_view kResultTables[] = {"results", "superseded_results"};

std::string_view sql_type(const ResultField& field) {
  switch (field.measure) {
    case Measure::kName:
      return "TEXT";
    case Measure::kBitmap:
      return "BLOB";
    case Measure::kWhole:
    case Measure::kCount:
    case Measure::kBytes:
    case Measure::kFlag:
      return "INTEGER";
    case Measure::kFraction:
    case Measure::kLoss:
    case Measure::kSeconds:
    case Measure::kRate:
      break;
  }
  return "REAL";
}

// Results that a table of an older build has no column for.
ResultFields missing_results(SQLite::Database& database, std::string_view table) {
  std::set<std::string, std::less<>> there;
  SQLite::Statement columns(database, "SELECT name FROM pragma_table_info(?)");
  columns.bind(1, std::string(table));
  while (columns.executeStep()) there.insert(columns.getColumn(0).getString());
  ResultFields missing;
  for (const ResultField& field : results()) {
    if (!there.contains(field.name)) missing.push_back(&field);
  }
  return missing;
}

struct View {
  std::string_view name;
  std::string select;  // its statement
};

std::string statement(std::string_view create, const View& view) {
  return std::string(create) + " " + std::string(view.name) + " AS\n" + view.select;
}

// Each after those it reads from.
std::vector<View> views(const ResultFields& missing = {}) {
  const std::pair<std::string_view, std::string_view> all[] = {
      {"trial_configs", kTrialConfigs},
      {"finished", kFinished},
      {"scored", kScored},
      {"leaderboard", kLeaderboard},
      {"leaderboard_points", kLeaderboardPoints},
      {"pareto_front", kParetoFront},
      {"unranked", kUnranked},
      {"sweep_overview", kSweepOverview}};
  std::vector<View> filled_in;
  for (const auto& [name, text] : all) filled_in.push_back({name, filled(text, missing)});
  return filled_in;
}

}  // namespace

bool is_derived(SQLite::Database& database) {
  for (const std::string_view table : kResultTables) {
    if (!missing_results(database, table).empty()) return false;
  }
  std::set<std::string> there;
  SQLite::Statement known(database, "SELECT sql FROM sqlite_schema WHERE type = 'view'");
  while (known.executeStep()) there.insert(known.getColumn(0).getString());
  const std::vector<View> all = views();
  return std::all_of(all.begin(), all.end(),
                     [&](const View& view) { return there.contains(statement(kCreate, view)); });
}

void derive(SQLite::Database& database) {
  for (const std::string_view table : kResultTables) {
    for (const ResultField* field : missing_results(database, table)) {
      database.exec("ALTER TABLE " + std::string(table) + " ADD COLUMN " + quoted(field->name) +
                    " " + std::string(sql_type(*field)));
    }
  }
  const std::vector<View> all = views();
  for (auto view = all.rbegin(); view != all.rend(); ++view) {
    database.exec("DROP VIEW IF EXISTS " + std::string(view->name));
  }
  for (const View& view : all) database.exec(statement(kCreate, view));
}

void make_temporary_views(SQLite::Database& database) {
  database.exec("PRAGMA temp_store = MEMORY");
  for (const View& view : views(missing_results(database, kResultTables[0]))) {
    database.exec(statement("CREATE TEMP VIEW", view));
  }
}

}  // namespace firesweep
