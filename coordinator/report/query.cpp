#include "coordinator/report/query.h"

#include <algorithm>
#include <array>
#include <vector>

#include "coordinator/report/pareto_svg.h"
#include "coordinator/report/reader.h"
#include "coordinator/report/render/render.h"
#include "coordinator/report/trained_model.h"
#include "coordinator/store/lock.h"
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

std::string rendered(Table&& table, std::string_view format) {
  if (format == "csv") return render_csv(std::move(table));
  if (format == "json") return render_json(std::move(table));
  return render_text(table);
}

Result<std::string> pareto(const Reader& reader, std::string_view format,
                           std::optional<SweepId> sweep, std::string_view references) {
  const auto panels = reader.pareto(sweep);
  if (!panels) return tl::unexpected(panels.error());
  if (format == "svg") {
    const auto chosen = References::choose(references, *panels);
    if (!chosen) return tl::unexpected(chosen.error());
    return pareto_svg(*panels, *chosen);
  }
  return rendered(pareto_table(*panels, format == "table" ? PointsShown::kFront : PointsShown::kAll,
                               reader.swept(sweep)),
                  format);
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

Result<Table> table_of(const Reader& reader, std::string_view report, std::optional<SweepId> sweep,
                       std::optional<std::int64_t> limit) {
  if (report == "list") return reader.list();
  if (report == "leaderboard") return reader.leaderboard(sweep, limit);
  if (report == "points") return reader.leaderboard_points(sweep, limit);
  if (!sweep) {
    return fail(ErrorCode::kBadInput, std::string(report), "found no sweep, expected its number");
  }
  if (report == "failures") return reader.failures(*sweep, limit);
  return report == "curves" ? reader.curves(*sweep, limit) : reader.trials(*sweep, limit);
}

}  // namespace

Result<std::string> run_query(const std::filesystem::path& database, std::string_view report,
                              std::string_view format, std::optional<SweepId> sweep,
                              std::optional<std::int64_t> limit, std::string_view references) {
  if (auto known = check("report", report, kQueries); !known) return tl::unexpected(known.error());
  const std::span<const std::string_view> formats(kFormats.data(), report == "pareto" ? 4 : 3);
  if (auto known = check("--format", format, formats); !known) return tl::unexpected(known.error());
  if (limit && *limit < 1) {
    return fail(ErrorCode::kBadInput, "--limit",
                "found " + std::to_string(*limit) + ", expected a whole number from 1");
  }
  const auto reader = Reader::open(database);
  if (!reader) return tl::unexpected(reader.error());
  if (report == "pareto") return pareto(*reader, format, sweep, references);
  auto table = table_of(*reader, report, sweep, limit);
  if (!table) return tl::unexpected(table.error());
  if (report == "list" && format == "table") tell_unowned(*table, database);
  return rendered(std::move(*table), format);
}

Result<std::string> run_query(const std::filesystem::path& database, const request::Query& query) {
  if (query.report != kModel) {
    return run_query(database, query.report, query.format, query.sweep, query.limit,
                     query.references);
  }
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

}  // namespace firesweep
