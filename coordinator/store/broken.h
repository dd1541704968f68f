// Sweeps that this build cannot read, because another build froze them with fields, rules or
// formats that this one does not know. They do not affect other sweeps.
#pragma once

#include <map>
#include <string>

#include "coordinator/store/read_database.h"
#include "shared/base/error.h"
#include "shared/base/ids.h"

namespace firesweep {

// "this build cannot read it: …".
std::string unreadable(const Error& error);

// Each broken sweep of the database with the reason. Throws SQLite::Exception.
std::map<SweepId, std::string> broken_sweeps(const ReadDatabase& database);

}  // namespace firesweep
