// A sweep with what it has learnt, read from a database without owning it.
#pragma once

#include <filesystem>

#include "shared/base/error.h"
#include "shared/base/ids.h"
#include "shared/domain/snapshot.h"

namespace firesweep {

// Errors: as ReadDatabase::open; kNotFound with the sweeps that there are; kBadInput if the sweep
// is broken for this build, or the file is damaged. Changes nothing.
Result<SweepSnapshot> read_sweep(const std::filesystem::path& database, SweepId sweep);

}  // namespace firesweep
