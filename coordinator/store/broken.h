// Sweeps that this build cannot read: frozen by another whose fields, rules or formats it does not
// know. They keep nobody else from anything.
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
