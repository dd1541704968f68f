#include "coordinator/report/reader.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "coordinator/report/columns.h"
#include "coordinator/report/pruned.h"
#include "coordinator/report/render/human.h"
#include "coordinator/report/sections.h"
#include "coordinator/store/broken.h"
#include "coordinator/store/check_database.h"
#include "coordinator/store/views.h"
#include "shared/domain/fields.h"

namespace firesweep {
namespace {

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

// Columns that a report's own query gives under other names, or that are no field of the config.
constexpr const char* kTrialColumns[][2] = {
    {"trial", "t.sweep_id || '/' || t.number"},
    {"sweep", "t.sweep_id"},
    {"number", "t.number"},
    {"state", "t.state"},
    {"reason", "t.reason"},
    {"epoch", "e.epoch"},
    {"val_accuracy", "coalesce(r.val_accuracy, e.val_accuracy)"},
    {"test_accuracy", "r.test_accuracy"},
    {"attempts", "t.newest_attempt"},
    {"restarts", "t.restarts"},
    {"reused_from",
     "(SELECT (from_trial_id >> 40) || '/' || (from_trial_id & ((1 << 40) - 1))"
     " FROM reused_results WHERE trial_id = t.trial_id)"},
    {"checkpoint_missed",
     "(SELECT nullif(max(checkpoint_missed), 0) FROM attempts WHERE trial_id = t.trial_id)"},
    {"worker", "a.worker"},
    {"worker_pid", "w.pid"},
    {"worker_session", "substr(a.session, 1, 8)"},
    {"message",
     "iif(d.epoch IS NULL, t.message, coalesce((SELECT json_extract(spec, '$.early_terminate.type')"
     " || ': ' FROM sweeps WHERE sweep_id = t.sweep_id), '') || {{why pruned}})"},
    {"created_ms", "t.created_ms"},
    {"changed_ms", "t.changed_ms"}};
constexpr const char* kOfTrials = R"(
  FROM trials AS t
  LEFT JOIN trial_configs AS c ON c.trial_id = t.trial_id
  LEFT JOIN attempts AS a ON a.trial_id = t.trial_id AND a.attempt_no = t.newest_attempt
  LEFT JOIN workers AS w ON w.session = a.session
  LEFT JOIN epochs AS e
    ON e.trial_id = t.trial_id
    AND e.epoch = (SELECT max(epoch) FROM epochs WHERE trial_id = t.trial_id)
  LEFT JOIN results AS r ON r.trial_id = t.trial_id
  LEFT JOIN terminations AS d
    ON t.state = 'PRUNED' AND d.trial_id = t.trial_id AND d.attempt_no = t.newest_attempt
  WHERE t.trial_id BETWEEN ?1 AND ?2
  ORDER BY t.trial_id
  LIMIT ?3)";

constexpr const char* kCurveColumns[][2] = {{"trial", "t.sweep_id || '/' || t.number"},
                                            {"sweep", "t.sweep_id"},
                                            {"number", "t.number"},
                                            {"epoch", "e.epoch"},
                                            {"train_loss", "e.train_loss"},
                                            {"train_accuracy", "e.train_accuracy"},
                                            {"val_loss", "e.val_loss"},
                                            {"val_accuracy", "e.val_accuracy"},
                                            {"val_top5", "e.val_top5"},
                                            {"test_accuracy", "e.test_accuracy"},
                                            {"lr_at_end", "e.lr"},
                                            {"state", "t.state"},
                                            {"seconds", "e.seconds"},
                                            {"images_per_s", "e.images_per_s"},
                                            {"recorded_ms", "e.recorded_ms"}};
constexpr const char* kOfCurves = R"(
  FROM epochs AS e
  JOIN trials AS t USING (trial_id)
  JOIN trial_configs AS c USING (trial_id)
  WHERE e.trial_id BETWEEN ?1 AND ?2
  ORDER BY e.trial_id, e.epoch
  LIMIT ?3)";

// Everything else is a column of the config.
template <std::size_t N>
std::string selecting(const std::vector<Column>& columns, const char* const (&own)[N][2],
                      const char* from) {
  std::string sql;
  for (const Column& column : columns) {
    const auto found = std::find_if(std::begin(own), std::end(own),
                                    [&](const auto& pair) { return column.name == pair[0]; });
    sql += (sql.empty() ? "SELECT " : ", ") +
           (found != std::end(own) ? std::string((*found)[1]) : "c.\"" + column.name + "\"");
  }
  return sql + from;
}

// Whether two workers of one name have held trials of a sweep at the same time: a worker that was
// started again comes after the one before.
constexpr const char* kNamesakes = R"(
  WITH held AS (
    SELECT worker, session, min(opened_ms) AS since, max(coalesce(ended_ms, 1 << 62)) AS until
    FROM attempts
    WHERE trial_id BETWEEN ?1 AND ?2
    GROUP BY worker, session),
  compared AS (
    SELECT since, max(until) OVER (PARTITION BY worker ORDER BY since, session
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS others_until
    FROM held)
  SELECT count(*)
  FROM compared
  WHERE since < others_until
  LIMIT ?3)";

// With a bare column, SQLite takes the row that holds the minimum.
constexpr const char* kFailures = R"(
  SELECT reason, count(*) AS trials, sweep_id || '/' || min(number) AS trial, message
  FROM trials
  WHERE trial_id BETWEEN ?1 AND ?2 AND state = 'FAIL'
  GROUP BY reason
  ORDER BY trials DESC, reason
  LIMIT ?3)";

std::string listed(const std::vector<Column>& columns, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < columns.size(); ++i) text += ", \"" + columns[i].name + '"';
  return text;
}

std::optional<double> maybe(const Cell& cell) {
  return cell ? std::optional(content_of<double>(*cell)) : std::nullopt;
}

// A finished trial's place, in the order of the board it is on.
struct Place {
  std::int64_t trial = 0;
  std::int64_t board = 0;
  Cell rank;
};

// Ranks first, with as little of each row as they take: whole rows are many times as large.
const std::string kPlaces =
    R"(SELECT trial_id, board,
         CASE WHEN may_rank THEN
           rank() OVER (PARTITION BY board, may_rank ORDER BY score DESC, params)
         END AS place
       FROM (
         SELECT trial_id, score, params, score IS NOT NULL AS may_rank,
           dense_rank() OVER (ORDER BY )" +
    std::string(kBoardOrder) + R"() AS board
         FROM finished
         WHERE trial_id BETWEEN ?1 AND ?2)
       ORDER BY board, place IS NULL, place, trial_id)";

// Columns of a ranked trial that `finished` has under other names, or not; places are filled in.
constexpr const char* kPlacedColumns[][2] = {
    {"rank", "NULL"}, {"sweep", "c.sweep_id"}, {"trial", "c.sweep_id || '/' || c.number"}};
constexpr const char* kOfPlaced =
    " FROM finished AS c WHERE c.trial_id IN"
    " (SELECT value FROM json_each(?1))";
constexpr std::size_t kPlacesAtOnce = 500;

std::string json_list(std::span<const Place> places) {
  std::string text = "[";
  for (const Place& place : places)
    text += (text.size() > 1 ? "," : "") + std::to_string(place.trial);
  return text + "]";
}

std::string ranked_query(const std::vector<Column>& columns, const std::string& source,
                         const char* may_rank, const char* tie_break) {
  const std::pair<std::string_view, std::string> marks[] = {
      {"{{may rank}}", may_rank},
      {"{{columns}}", listed(columns, 1).substr(2) + ", " + kBoardColumns},
      {"{{source}}", source},
      {"{{tie break}}", tie_break}};
  std::string sql = R"(
    SELECT
      CASE WHEN {{may rank}} THEN
        rank() OVER (PARTITION BY board, {{may rank}} ORDER BY score DESC, params)
      END AS new_rank,
      {{columns}}
    FROM {{source}}
    WHERE ?1 = 0 OR sweep = ?1
    ORDER BY board, new_rank IS NULL, new_rank, {{tie break}})";
  for (const auto& [mark, value] : marks) {
    for (auto at = sql.find(mark); at != std::string::npos; at = sql.find(mark, at + value.size()))
      sql.replace(at, mark.size(), value);
  }
  return sql;
}

// The ids of a sweep's trials, or of all.
std::pair<Value, Value> ids_of(std::optional<SweepId> sweep) {
  if (!sweep) return {std::int64_t{0}, kNoLimit};
  return {first_trial_of(*sweep).value, last_trial_of(*sweep).value};
}

// A point is called by its first trial.
constexpr const char* kTrialOfPoint =
    "(sweep << 40 | CAST(substr(point, instr(point, '/') + 1) AS INTEGER))";

// The view with the number of the trial that each row is called by.
std::string numbered(const std::string& view, const std::string& trial_of) {
  return "(SELECT *, " + trial_of + " & 1099511627775 AS number FROM " + view + ")";
}

Value filter(std::optional<SweepId> sweep) { return sweep ? sweep->value : std::int64_t{0}; }

}  // namespace

Result<Reader> Reader::open(const std::filesystem::path& database) {
  auto opened = ReadDatabase::open(database);
  if (!opened) return tl::unexpected(std::move(opened.error()));
  return Reader(std::move(*opened));
}

Result<void> Reader::look_through(std::optional<SweepId> sweep) const {
  return firesweep::look_through(database_, sweep);
}

Result<void> Reader::known(std::optional<SweepId> sweep) const {
  if (!sweep) return {};
  const Rows sweeps = database_.query("SELECT sweep_id, name FROM sweeps ORDER BY sweep_id DESC");
  std::string existing;
  for (const Row& row : sweeps.rows) {
    if (whole_of(row[0]) == sweep->value) return {};
    if (existing.size() < 200) {
      existing += (existing.empty() ? "" : ", ") + std::to_string(whole_of(row[0])) + " (" +
                  text_of(row[1]) + ")";
    }
  }
  return fail(ErrorCode::kNotFound, "sweep " + std::to_string(sweep->value),
              "there is no such sweep",
              existing.empty() ? "the database holds no sweep yet" : "there are: " + existing);
}

std::set<std::string> Reader::swept(std::optional<SweepId> sweep) const {
  const Rows rows = database_.query(R"(
    SELECT DISTINCT p.key
    FROM (SELECT sweep_id, spec FROM sweeps UNION ALL SELECT sweep_id, spec FROM extensions) AS s,
      json_each(s.spec, '$.parameters') AS p
    WHERE (?1 = 0 OR s.sweep_id = ?1) AND p.type = 'object' AND json_type(p.value, '$.value') IS NULL
  )",
                                    {filter(sweep)});
  std::set<std::string> names;
  for (const Row& row : rows.rows) {
    const std::string name = text_of(row[0]);
    const Field* successor = find_successor(name);
    names.insert(successor != nullptr ? std::string(successor->name) : name);
  }
  return names;
}

std::vector<Column> Reader::showing_swept(std::vector<Column> columns,
                                          std::optional<SweepId> sweep) const {
  const std::set<std::string> names = swept(sweep);
  const bool architecture = std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return name.starts_with("arch.");
  });
  for (Column& column : columns) {
    if (names.contains(column.name) || (column.name == "arch_params" && architecture)) {
      column.shown = Shown::kAlways;
    }
  }
  return columns;
}

Result<Table> Reader::list(std::optional<SweepId> sweep) const {
  if (auto exists = known(sweep); !exists) return tl::unexpected(std::move(exists.error()));
  Table table;
  table.columns = list_columns();
  table.when_empty = "No sweeps yet.";
  const std::map<SweepId, std::string> broken = broken_sweeps(database_);
  const std::string columns = listed(table.columns, 0).substr(2);
  table.rows = database_
                   .query("SELECT " + columns +
                              " FROM (SELECT *, NULL AS broken FROM sweep_overview)"
                              " WHERE ?1 = 0 OR sweep = ?1 ORDER BY sweep DESC",
                          {filter(sweep)})
                   .rows;
  for (Row& row : table.rows) {
    const SweepId listed_sweep{whole_of(row.front())};
    const auto why = broken.find(listed_sweep);
    if (why == broken.end()) continue;
    row.back() = why->second;
    table.note += (table.note.empty() ? "" : "\n") + std::string("Sweep ") +
                  std::to_string(listed_sweep.value) + " is broken: " + why->second;
  }
  return table;
}

Rows Reader::of_trials(const std::string& sql, SweepId sweep,
                       std::optional<std::int64_t> limit) const {
  const auto [first, last] = ids_of(sweep);
  return database_.query(sql, {first, last, limit.value_or(kNoLimit)});
}

void Reader::write_trials(Table& table, const std::string& sql, SweepId sweep,
                          std::optional<std::int64_t> limit, RowWriter* writer) const {
  const auto [first, last] = ids_of(sweep);
  const std::vector<Value> values{first, last, limit.value_or(kNoLimit)};
  database_.in_one_state([&] {
    table.rows.clear();
    if (writer != nullptr) writer->begin(table.columns);
    database_.each(sql, values, [&](Row&& row) {
      if (writer != nullptr) {
        writer->row(row);
      } else {
        table.rows.push_back(std::move(row));
      }
    });
    if (writer != nullptr) writer->end();
  });
}

Result<Table> Reader::trials(SweepId sweep, std::optional<std::int64_t> limit,
                             RowWriter* writer) const {
  if (auto exists = known(sweep); !exists) return tl::unexpected(std::move(exists.error()));
  Table table;
  table.columns = showing_swept(trial_columns(), sweep);
  if (whole_of(of_trials(kNamesakes, sweep, 1).rows.front().front()) > 0) {
    for (Column& column : table.columns) {
      if (column.name == "worker_pid" || column.name == "worker_session")
        column.shown = Shown::kAlways;
    }
  }
  table.when_empty = "No trial has begun yet.";
  std::string sql = selecting(table.columns, kTrialColumns, kOfTrials);
  constexpr std::string_view kMark = "{{why pruned}}";
  sql.replace(sql.find(kMark), kMark.size(), kWhyPruned);
  write_trials(table, sql, sweep, limit, writer);
  return table;
}

Result<Table> Reader::curves(SweepId sweep, std::optional<std::int64_t> limit,
                             RowWriter* writer) const {
  if (auto exists = known(sweep); !exists) return tl::unexpected(std::move(exists.error()));
  Table table;
  table.columns = showing_swept(curve_columns(), sweep);
  table.when_empty = "No epoch has been trained yet.";
  write_trials(table, selecting(table.columns, kCurveColumns, kOfCurves), sweep, limit, writer);
  return table;
}

Result<Table> Reader::failures(SweepId sweep, std::optional<std::int64_t> limit) const {
  if (auto exists = known(sweep); !exists) return tl::unexpected(std::move(exists.error()));
  Table table;
  table.columns = failure_columns();
  table.when_empty = "No trial has failed.";
  table.rows = of_trials(kFailures, sweep, limit).rows;
  return table;
}

Result<Table> Reader::leaderboard(std::optional<SweepId> sweep, std::optional<std::int64_t> limit,
                                  RowWriter* writer) const {
  if (auto exists = known(sweep); !exists) return tl::unexpected(std::move(exists.error()));
  Table table;
  table.columns = showing_swept(leaderboard_columns(), sweep);
  table.when_empty = "No finished trials yet.";
  database_.in_one_state([&] { rank_trials(table, sweep, limit, writer); });
  if (writer == nullptr) table.note = pruned_note(database_, sweep);
  return table;
}

void Reader::rank_trials(Table& table, std::optional<SweepId> sweep,
                         std::optional<std::int64_t> limit, RowWriter* writer) const {
  std::vector<Place> places;      // of rows to be read
  std::vector<std::size_t> more;  // behind them, beyond the limit
  std::int64_t on_board = 0;
  const auto [first, last] = ids_of(sweep);
  database_.each(kPlaces, {first, last}, [&](Row&& row) {
    const bool next = places.empty() || places.back().board != whole_of(row[1]);
    on_board = next ? 1 : on_board + 1;
    if (limit && on_board > *limit) {
      ++more.back();
    } else {
      places.push_back({whole_of(row[0]), whole_of(row[1]), row[2]});
      more.push_back(0);
    }
  });

  table.rows.clear();
  table.sections.clear();
  if (writer != nullptr) writer->begin(table.columns);
  Sections sections(table, limit, writer);
  const std::string sql =
      selecting(table.columns, kPlacedColumns,
                (", 0 AS " + std::string(kBoardColumns) + ", c.trial_id" + kOfPlaced).c_str());
  for (std::size_t at = 0; at < places.size(); at += kPlacesAtOnce) {
    const std::span page =
        std::span(places).subspan(at, std::min(kPlacesAtOnce, places.size() - at));
    std::map<std::int64_t, Row> rows;
    database_.each(sql, {json_list(page)}, [&](Row&& row) {
      const std::int64_t trial = whole_of(row.back());
      row.pop_back();
      rows[trial] = std::move(row);
    });
    for (std::size_t i = 0; i < page.size(); ++i) {
      const auto row = rows.find(page[i].trial);
      if (row == rows.end()) continue;  // of a file that was disturbed: it is all read again
      row->second[0] = page[i].rank;
      row->second[table.columns.size()] = page[i].board;
      sections.take(std::move(row->second));
      sections.leave_out(more[at + i]);
    }
  }
  sections.finish("trial");
  if (writer != nullptr) writer->end();
}

Result<Table> Reader::leaderboard_points(std::optional<SweepId> sweep,
                                         std::optional<std::int64_t> limit,
                                         RowWriter* writer) const {
  if (auto exists = known(sweep); !exists) return tl::unexpected(std::move(exists.error()));
  Table table;
  table.columns = showing_swept(point_columns(), sweep);
  const std::string sql = ranked_query(table.columns, numbered("leaderboard_points", kTrialOfPoint),
                                       "(rank IS NOT NULL)", "score DESC, sweep, point");
  database_.in_one_state([&] {
    table.rows.clear();
    table.sections.clear();
    if (writer != nullptr) writer->begin(table.columns);
    Sections sections(table, limit, writer);
    database_.each(sql, {filter(sweep)}, [&](Row&& row) { sections.take(std::move(row)); });
    sections.finish("point");
    if (writer != nullptr) writer->end();
  });
  table.when_empty = "No finished points yet.";
  if (writer == nullptr) table.note = pruned_note(database_, sweep);
  const auto ci_low = std::find_if(table.columns.begin(), table.columns.end(),
                                   [](const Column& c) { return c.name == "ci_low"; });
  const auto at = static_cast<std::size_t>(ci_low - table.columns.begin());
  const bool intervals = std::any_of(table.rows.begin(), table.rows.end(),
                                     [at](const Row& row) { return row[at].has_value(); });
  if (intervals) {
    table.note +=
        (table.note.empty() ? "" : "\n") + std::string(
                                               "Intervals: 95 %, Student's t, with the deviation "
                                               "over seeds pooled over each variant's "
                                               "points.");
  }
  return table;
}

Result<std::vector<ParetoPanel>> Reader::pareto(std::optional<SweepId> sweep) const {
  if (auto exists = known(sweep); !exists) return tl::unexpected(std::move(exists.error()));
  const std::vector<Column> settings = setting_columns();
  std::string fields;
  for (const Column& column : settings) fields += "\"" + column.name + "\", ";
  const std::string sql = R"(
    SELECT
      sweep, sweep_name, point, variant, lr, label_smoothing, n_seeds, params, macs, score,
      val_mean, val_sd, ci_low, ci_high, test_mean, )" +
                          fields + kBoardColumns + R"(
    FROM )" + numbered("leaderboard_points", kTrialOfPoint) +
                          R"(
    WHERE rank IS NOT NULL AND (?1 = 0 OR sweep = ?1)
    ORDER BY board)";
  const std::set<std::string> names = swept(sweep);
  std::vector<ParetoPanel> panels;
  Cell current;
  const Rows found = database_.query(sql, {filter(sweep)});
  for (const Row& row : found.rows) {
    const std::size_t board = row.size() - kBoardWidth;
    if (row[board] != current) panels.push_back({board_at(row, board), {}});
    current = row[board];
    ParetoPoint& p = panels.back().points.emplace_back();
    p.sweep = SweepId{whole_of(row[0])};
    p.sweep_name = text_of(row[1]);
    p.point = text_of(row[2]);
    p.variant = text_of(row[3]);
    p.lr = maybe(row[4]);
    p.label_smoothing = maybe(row[5]);
    p.n_seeds = whole_of(row[6]);
    p.params = whole_of(row[7]);
    p.macs = whole_of(row[8]);
    p.score = real_of(row[9]);
    p.val_mean = maybe(row[10]);
    p.val_sd = maybe(row[11]);
    p.ci_low = maybe(row[12]);
    p.ci_high = maybe(row[13]);
    p.test_mean = maybe(row[14]);
    constexpr std::size_t kFirstSetting = 15;
    for (std::size_t i = 0; i < settings.size(); ++i) {
      const Cell& cell = row[kFirstSetting + i];
      p.settings.push_back(cell);
      if (!names.contains(settings[i].name) || !cell) continue;
      p.varied +=
          (p.varied.empty() ? "" : " · ") + settings[i].name + " " + human(cell, settings[i].unit);
    }
  }
  for (ParetoPanel& panel : panels) mark_front(panel);
  return panels;
}

}  // namespace firesweep
