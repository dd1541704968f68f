// Every report by name, over the database file: one path for the command line and for a
// coordinator's clients.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/base/ids.h"
#include "shared/wire/messages.h"

namespace firesweep {

// Renders the report ("list", "trials", "curves", "leaderboard", "points", "pareto", "failures") as
// "table", "csv" or "json" ("pareto" also as "svg", with `references` as References::choose takes
// them), over one sweep or all. Errors: an unknown report, format or sweep (with what exists), a
// database that cannot be read, references that cannot be drawn. Nothing is written.
Result<std::string> run_query(const std::filesystem::path& database, std::string_view report,
                              std::string_view format, std::optional<SweepId> sweep,
                              std::optional<std::int64_t> limit,
                              std::string_view references = "auto");

// The same of a query as a client asks it; also "model", json alone: the card of a trial's model
// (trained_model.h), with its errors.
Result<std::string> run_query(const std::filesystem::path& database, const request::Query& query);

}  // namespace firesweep
