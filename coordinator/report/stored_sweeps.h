// Which sweeps of a database have to do with one that is to be run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "shared/base/ids.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// A sweep of the same content, which goes on.
struct StoredSweep {
  SweepId sweep;
  std::int64_t trials = 0;  // with those of extensions
  std::int64_t complete = 0;
};

// As a submission would find it: the newest of that content, by whichever version of the rules.
// Nothing where there is none or the database cannot be opened. Throws DatabaseDamaged.
std::optional<StoredSweep> find_stored(const std::filesystem::path& database,
                                       const FrozenSweep& frozen);

struct Namesake {
  SweepId sweep;
  std::string canonical;  // its spec, as FrozenSweep::canonical
};

// The newest sweep of the same name that is not `sweep`; nothing as above.
std::optional<Namesake> find_namesake(const std::filesystem::path& database, SweepId sweep,
                                      const std::string& name);

}  // namespace firesweep
