// How many trials early termination has pruned, as a line below rankings: pruned trials have no
// rank.
#pragma once

#include <optional>
#include <string>

#include "coordinator/store/read_database.h"
#include "shared/base/ids.h"

namespace firesweep {

// "12 trials pruned by asha, not ranked. …", of the sweep or of all; empty where none was. Throws
// as ReadDatabase::query.
std::string pruned_note(const ReadDatabase& database, std::optional<SweepId> sweep);

}  // namespace firesweep
