#include "coordinator/report/query.h"

#include <algorithm>
#include <array>
#include <vector>

#include "coordinator/report/pareto_svg.h"
#include "coordinator/report/reader.h"
#include "coordinator/report/render/render.h"
#include "coordinator/report/render/row_writer.h"
#include "coordinator/report/trained_model.h"
#include "coordinator/store/lock.h"
#include "coordinator/store/read_database.h"
#include "shared/base/near_miss.h"

namespace firesweep {
namespace {

constexpr std::string_view kModel = "model";
constexpr std::array<std::string_view, 7> kQueries{"list",   "trials", "curves",  "leaderboard",
                                                   "points", "pareto", "failures"};
constexpr std::array<std::string_view, 4> kFormats{"table", "csv", "json", "svg"};

std::string listed(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

Result<void> check(std::string_view what, std::string_view word,
                   std::span<const std::string_view> possible) {
  if (std::find(possible.begin(), possible.end(), word) != possible.end()) return {};
  return fail(ErrorCode::kBadInput, std::string(what),
              "found \"" + std::string(word) + "\", expected one of " + listed(possible),
              did_you_mean(word, possible));
}

std::string rendered(const Table& table, std::string_view format) {
  if (format == "csv") return render_csv(table);
  if (format == "json") return render_json(table);
  return render_text(table);
}

Result<std::string> pareto(const Reader& reader, const request::Query& query) {
  const auto panels = reader.pareto(query.sweep);
  if (!panels) return tl::unexpected(panels.error());
  if (query.format == "svg") {
    const auto chosen = References::choose(query.references, *panels);
    if (!chosen) return tl::unexpected(chosen.error());
    return pareto_svg(*panels, *chosen);
  }
  const auto shown = query.format == "table" ? PointsShown::kFront : PointsShown::kAll;
  return rendered(pareto_table(*panels, shown, reader.swept(query.sweep)), query.format);
}

// People are told that nothing moves where no process owns the database; a machine reads the
// stored state.
void tell_unowned(Table& table, const std::filesystem::path& database) {
  if (find_owner(database)) return;
  const auto state = std::find_if(table.columns.begin(), table.columns.end(),
                                  [](const Column& column) { return column.name == "state"; });
  if (state == table.columns.end()) return;
  const auto at = static_cast<std::size_t>(state - table.columns.begin());
  bool any = false;
  for (Row& row : table.rows) {
    Cell& cell = row[at];
    auto* const text = cell ? std::get_if<std::string>(&*cell) : nullptr;
    if (text == nullptr || (*text != "RUNNING" && *text != "STOPPING")) continue;
    *text += ", no coordinator";
    any = true;
  }
  if (!any) return;
  table.note += (table.note.empty() ? "" : "\n") +
                std::string(
                    "No coordinator owns the database now. To continue: `firesweep run` with a "
                    "sweep's file, or `firesweep serve` with workers.");
}

tl::unexpected<Error> no_sweep(const std::string& report) {
  return fail(ErrorCode::kBadInput, report, "found no sweep, expected its number");
}

// Its rows go to the writer, where it is a report of many.
Result<Table> table_of(const Reader& reader, const request::Query& query, RowWriter* writer) {
  const auto& [report, format, sweep, limit, trial, references] = query;
  if (report == "leaderboard") return reader.leaderboard(sweep, limit, writer);
  if (report == "points") return reader.leaderboard_points(sweep, limit, writer);
  if (!sweep) return no_sweep(report);
  return report == "curves" ? reader.curves(*sweep, limit, writer)
                            : reader.trials(*sweep, limit, writer);
}

// Reports of few rows, as one text.
Result<std::string> short_report(const Reader& reader, const std::filesystem::path& database,
                                 const request::Query& query) {
  if (query.report == "pareto") return pareto(reader, query);
  if (query.report == "list") {
    auto table = reader.list(query.sweep);
    if (table && query.format == "table") tell_unowned(*table, database);
    if (!table) return tl::unexpected(table.error());
    return rendered(*table, query.format);
  }
  if (!query.sweep) return no_sweep(query.report);
  const auto table = reader.failures(*query.sweep, query.limit);
  if (!table) return tl::unexpected(table.error());
  return rendered(*table, query.format);
}

Result<std::string> model_card(const std::filesystem::path& database, const request::Query& query) {
  constexpr std::array<std::string_view, 1> kCardFormats{"json"};
  if (auto known = check("--format", query.format, kCardFormats); !known) {
    return tl::unexpected(known.error());
  }
  if (!query.trial) {
    return fail(ErrorCode::kBadInput, query.report, "found no trial, expected SWEEP/NUMBER");
  }
  const auto card = trained_model(database, *query.trial);
  if (!card) return tl::unexpected(card.error());
  return encode_model_card(*card);
}

Result<void> check_query(const request::Query& query) {
  if (auto known = check("report", query.report, kQueries); !known) return known;
  const std::span<const std::string_view> formats(kFormats.data(),
                                                  query.report == "pareto" ? 4 : 3);
  if (auto known = check("--format", query.format, formats); !known) return known;
  if (query.limit && *query.limit < 1) {
    return fail(ErrorCode::kBadInput, "--limit",
                "found " + std::to_string(*query.limit) + ", expected a whole number from 1");
  }
  return {};
}

Result<void> put(Result<std::string> text, Spool& out) {
  if (!text) return tl::unexpected(std::move(text.error()));
  out.clear();
  out.add(*text);
  return {};
}

Result<void> read_out(const std::filesystem::path& database, const request::Query& query,
                      Spool& out) {
  if (query.report == kModel) return put(model_card(database, query), out);
  if (auto good = check_query(query); !good) return good;
  const auto reader = Reader::open(database);
  if (!reader) return tl::unexpected(reader.error());
  if (!find_owner(database)) {
    if (auto agree = reader->look_through(query.sweep); !agree) return agree;
  }
  if (query.report == "list" || query.report == "failures" || query.report == "pareto") {
    return put(short_report(*reader, database, query), out);
  }
  const auto writer = row_writer(query.format, out);
  const auto table = table_of(*reader, query, writer.get());
  if (!table) return tl::unexpected(table.error());
  return writer ? Result<void>() : put(render_text(*table), out);
}

}  // namespace

Result<void> run_query(const std::filesystem::path& database, const request::Query& query,
                       Spool& out) {
  try {
    return read_out(database, query, out);
  } catch (const DatabaseDamaged& damaged) {
    return tl::unexpected(damaged.error());
  }
}

Result<std::string> run_query(const std::filesystem::path& database, const request::Query& query) {
  Spool whole;
  if (auto read = run_query(database, query, whole); !read) return tl::unexpected(read.error());
  return whole.text();
}

Result<std::string> run_query(const std::filesystem::path& database, std::string_view report,
                              std::string_view format, std::optional<SweepId> sweep,
                              std::optional<std::int64_t> limit) {
  request::Query query;
  query.report = report;
  query.format = format;
  query.sweep = sweep;
  query.limit = limit;
  return run_query(database, query);
}

}  // namespace firesweep
