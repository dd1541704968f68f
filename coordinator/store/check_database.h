// `firesweep check`: a database looked through without owning it.
#pragma once

#include <filesystem>

#include "coordinator/store/contradictions.h"
#include "shared/base/error.h"

namespace firesweep {

// Up to 1,000 lines. Errors as ReadDatabase::open; kBadInput where SQLite finds the file damaged.
// Changes nothing.
Result<Contradictions> check_database(const std::filesystem::path& path);

}  // namespace firesweep
