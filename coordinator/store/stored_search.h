// A sweep with what it has learnt and decided, read from a database without owning it.
#pragma once

#include <filesystem>
#include <vector>

#include "shared/base/error.h"
#include "shared/base/ids.h"
#include "shared/domain/snapshot.h"

namespace firesweep {

struct StoredSearch {
  SweepSnapshot sweep;
  std::vector<TrialDecision> decisions;  // of early termination, in the order they were made
};

// Errors: as ReadDatabase::open; kNotFound with the sweeps that there are; kBadInput if the sweep
// is broken for this build, or the file is damaged. Changes nothing.
Result<StoredSearch> read_search(const std::filesystem::path& database, SweepId sweep);

// The sweeps that promote trials from rungs and have neither finished nor been cancelled, those
// that are broken for this build left out. Reads no trial where there is no such sweep. Errors: as
// read_search, except that none is missing.
Result<std::vector<SweepSnapshot>> read_promoting(const std::filesystem::path& database);

}  // namespace firesweep
