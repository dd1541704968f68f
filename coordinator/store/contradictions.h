// Rows of a database that contradict each other, because they were deleted or changed by hand, or
// because an old copy lies beside a newer write-ahead log. The schema cannot prevent this: its
// checks see single rows, and another program may switch foreign keys off.
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "coordinator/store/restore_hint.h"
#include "shared/base/error.h"
#include "shared/base/ids.h"

namespace firesweep {

struct Contradictions {
  std::vector<std::string> lines;  // "trial 1/3 is COMPLETE but has no result", at most `most`
  std::int64_t count = 0;          // all of them
};

// Finds the contradictions in a database of the newest schema. Reads every row of trials, attempts
// and results once. Throws SQLite::Exception.
Contradictions find_contradictions(SQLite::Database& database, std::size_t most);

// Whether trials, their results, configs and newest attempts contradict each other, from one id to
// another: one pass that reads little of each row, for readers. It finds what changes a report; an
// owner looks for all contradictions. Throws SQLite::Exception.
bool has_contradictions(SQLite::Database& database, TrialId first, TrialId last);

// "its rows contradict each other: … (and 9 more)", with the remedy. There is at least one.
Error refusal_of(const Contradictions& found, const std::filesystem::path& path);

// What the user can do, one line.
inline const std::string kContradictionsHint =
    "`firesweep check FILE` lists them; " + std::string(kRestoreHint);

}  // namespace firesweep
