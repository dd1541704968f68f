// All reports over the database file, by name. The command line and a coordinator's clients use the
// same functions.
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
// "table", "csv" or "json" ("pareto" also as "svg", with `references` as for References::choose),
// over one sweep or all; or "model", as json only: the card of a trial's model (trained_model.h).
// Errors: an unknown report, format, sweep or trial (with the existing ones), a database that is
// damaged or cannot be read, references that cannot be drawn; and, if no process owns the database,
// rows that contradict each other (its owner looked when it opened it). Of csv and json only the
// spool's share is in memory. Writes nothing to the database.
Result<void> run_query(const std::filesystem::path& database, const request::Query& query,
                       Spool& out);

// The same as one text.
Result<std::string> run_query(const std::filesystem::path& database, const request::Query& query);
Result<std::string> run_query(const std::filesystem::path& database, std::string_view report,
                              std::string_view format, std::optional<SweepId> sweep,
                              std::optional<std::int64_t> limit);

}  // namespace firesweep
