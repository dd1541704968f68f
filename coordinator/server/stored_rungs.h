// Trials that wait at rungs (early_terminate with promotion), of a database that no coordinator
// owns.
#pragma once

#include <filesystem>
#include <vector>

#include "coordinator/core/overview.h"
#include "shared/base/error.h"

namespace firesweep {

// The sweeps that promote trials and have neither finished nor been cancelled, as a coordinator
// that began with this database would show them. Errors as ReadDatabase::open. Changes nothing.
Result<std::vector<SweepOverview>> stored_rungs(const std::filesystem::path& database);

}  // namespace firesweep
