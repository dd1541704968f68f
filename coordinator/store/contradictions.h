// Rows of a database that contradict each other: deleted or changed by hand, or of an old copy
// beside a newer write-ahead log. The schema's checks see single rows and nothing that another
// program does with foreign keys off.
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "shared/base/error.h"
#include "shared/base/ids.h"

namespace firesweep {

struct Contradictions {
  std::vector<std::string> lines;  // "trial 1/3 is COMPLETE but has no result", at most `most`
  std::int64_t count = 0;          // all of them
};

// Finds them in a database of the newest schema; reads every row of trials, attempts and results
// once. Throws SQLite::Exception.
Contradictions find_contradictions(SQLite::Database& database, std::size_t most);

// Whether trials, their results, configs and newest attempts fit each other, from one id to
// another: one pass that reads little of each row, for whoever only reads. It finds what changes a
// report; an owner looks for all of them. Throws SQLite::Exception.
bool has_contradictions(SQLite::Database& database, TrialId first, TrialId last);

// "its rows contradict each other: … (and 9 more)", with the remedy. There is at least one.
Error refusal_of(const Contradictions& found, const std::filesystem::path& path);

// What to do about them, one line.
inline constexpr const char* kContradictionsHint =
    "`firesweep check FILE` lists them; put a whole backup back (docs/schema.md, Restoring)";

}  // namespace firesweep
