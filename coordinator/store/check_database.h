// `firesweep check`: checks a database without owning it.
#pragma once

#include <filesystem>

#include "coordinator/store/contradictions.h"
#include "shared/base/error.h"

namespace firesweep {

// The contradictions in the database, at most 1,000 lines. Errors as ReadDatabase::open; kBadInput
// if SQLite finds the file damaged. Changes nothing.
Result<Contradictions> check_database(const std::filesystem::path& path);

}  // namespace firesweep
