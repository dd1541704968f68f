// All reports over the database file, by name. The command line and a coordinator's clients use the
// same functions.
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
// "table", "csv" or "json" ("pareto" also as "svg", with `references` as for References::choose),
// over one sweep or all. Errors: an unknown report, format or sweep (with the existing ones), a
// database that cannot be read, references that cannot be drawn. Writes nothing.
Result<std::string> run_query(const std::filesystem::path& database, std::string_view report,
                              std::string_view format, std::optional<SweepId> sweep,
                              std::optional<std::int64_t> limit,
                              std::string_view references = "auto");

// The same for a client's query. It can also ask for "model", as json only: the card of a trial's
// model (trained_model.h), with its errors.
Result<std::string> run_query(const std::filesystem::path& database, const request::Query& query);

}  // namespace firesweep
