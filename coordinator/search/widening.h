// A sweep that grows by what a user names, without another file: more seeds, or a higher run_cap.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/search/sweep_space.h"

namespace firesweep {

// Either is given.
struct Widening {
  std::vector<std::int64_t> seeds;
  std::optional<std::int64_t> run_cap;
};

// A spec and the architectures that it may name.
struct WidenedFile {
  SweepSpec spec;
  const std::map<std::string, Architecture>* architectures;
};

// The files that add what is asked for. Seeds: each file of the sweep, with these seeds instead of
// its own, and with a run_cap that keeps the points that the file has, if only with one seed. A
// run_cap: the newest file with it. Each may name trials that the sweep has already. kBadInput if a
// seed is given twice, or nothing is asked for. The pointers are valid as long as the space. Pure.
Result<std::vector<WidenedFile>> files_that_widen(const SweepSpace& space, const Widening& by);

}  // namespace firesweep
