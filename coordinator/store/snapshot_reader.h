// Rows → what the scheduler goes on from.
#pragma once

#include <SQLiteCpp/Database.h>

#include "shared/domain/snapshot.h"

namespace firesweep {

// Reads every sweep with its trials, in one read transaction. Throws SQLite::Exception, or
// std::runtime_error where a row does not read back (a frozen spec this program does not
// understand, an unknown state), naming it.
Snapshot read_snapshot(SQLite::Database& database);

}  // namespace firesweep
