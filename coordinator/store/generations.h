// The lives of a database. Each has a random number, so that attempts of an older state that was
// put back are not taken for those that had the same numbers (PROMISES §3).
#pragma once

#include <SQLiteCpp/Database.h>

namespace firesweep {

// Begins the next generation and takes the mark of a backup away, within the caller's transaction.
// Throws SQLite::Exception.
void begin_generation(SQLite::Database& database);

// Marks a copy as a backup. Throws SQLite::Exception.
void mark_backup(SQLite::Database& copy);

// Begins a generation where the file is a backup that was put in place by hand. True if so. Throws
// SQLite::Exception.
bool begin_generation_of_backup(SQLite::Database& database);

}  // namespace firesweep
