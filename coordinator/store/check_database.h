// `firesweep check`, and what every report does first: checks a database without owning it.
#pragma once

#include <filesystem>
#include <optional>

#include "coordinator/store/contradictions.h"
#include "coordinator/store/read_database.h"
#include "shared/base/error.h"
#include "shared/base/ids.h"

namespace firesweep {

// The contradictions in the database, at most 1,000 lines. Errors as ReadDatabase::open; kBadInput
// if SQLite finds the file damaged. Changes nothing.
Result<Contradictions> check_database(const std::filesystem::path& path);

// kBadInput where rows of a sweep (or of any) contradict each other in what reports show; names the
// first. Costs little beside a report over the same rows. Throws SQLite::Exception.
Result<void> look_through(const ReadDatabase& database, std::optional<SweepId> sweep);

}  // namespace firesweep
