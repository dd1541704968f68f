// Every report by name, over the database file: one path for the command line and for a
// coordinator's clients.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "coordinator/report/spool.h"
#include "shared/base/error.h"
#include "shared/base/ids.h"
#include "shared/wire/messages.h"

namespace firesweep {

// Renders the report ("list", "trials", "curves", "leaderboard", "points", "pareto", "failures") as
// "table", "csv" or "json" ("pareto" also as "svg", with `references` as References::choose takes
// them), over one sweep or all; or "model", json alone: the card of a trial's model
// (trained_model.h). Errors: an unknown report, format, sweep or trial (with what exists), a
// database that is damaged or cannot be read, references that cannot be drawn; and, where no
// process owns the database, rows that contradict each other (its owner looked when it opened it).
// Of rows of csv and json only what the spool holds is in memory. Nothing is written to the
// database.
Result<void> run_query(const std::filesystem::path& database, const request::Query& query,
                       Spool& out);

// The same as one text.
Result<std::string> run_query(const std::filesystem::path& database, const request::Query& query);
Result<std::string> run_query(const std::filesystem::path& database, std::string_view report,
                              std::string_view format, std::optional<SweepId> sweep,
                              std::optional<std::int64_t> limit);

}  // namespace firesweep
