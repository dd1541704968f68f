// Whole copies of a database, made while its owner writes, and put back as a new generation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "shared/base/error.h"

namespace firesweep {

// Called while bytes are copied: how many, of how many.
using CopyProgress = std::function<void(std::int64_t done, std::int64_t all)>;

// Copies one state of the database to `to` by SQLite's backup API; the owner goes on writing. The
// copy is written to `to`.tmp, checked (integrity_check, and that its rows agree), brought to the
// disk and renamed. It is of this build's schema, and marked as a backup. Errors: kConflict if `to`
// exists, unless `replace`, and if it is a database in use; those of ReadDatabase::open; kBadInput
// for a damaged database or rows that contradict each other; kIo. On error `to` is as it was.
Result<void> back_up_database(const std::filesystem::path& database,
                              const std::filesystem::path& to, bool replace,
                              const CopyProgress& progress);

struct Restored {
  std::int64_t generation = 0;     // its number
  std::filesystem::path replaced;  // where the database before it lies now; empty: there was none
};

// Makes `to` a database of the backup's content in a new generation, by way of `to`.restoring. The
// backup is checked first, and not changed. Holds the lock of `to` meanwhile. A database that is
// there is kept under another name. Errors: kConflict if a process owns `to`, or it exists and not
// `replace`; else as back_up_database(). On error `to` is as it was.
Result<Restored> restore_database(const std::filesystem::path& backup,
                                  const std::filesystem::path& to, bool replace,
                                  const CopyProgress& progress);

}  // namespace firesweep
