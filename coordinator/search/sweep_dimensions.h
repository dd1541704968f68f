// Which parameters are the dimensions of a sweep's search space. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "coordinator/search/samplers/search_space.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// Parameters that are zipped are one dimension: ordered where each of their lists is, categorical
// otherwise. A dimension comes after those that its condition names, in the file's order otherwise.
// A parameter whose condition is never met is in none.
struct SweepDimensions {
  SearchSpace space;
  std::vector<std::vector<std::size_t>> parameters;  // of each dimension: places in the spec
};

// The spec's conditions lead back to no parameter.
SweepDimensions dimensions_of(const SweepSpec& spec);

}  // namespace firesweep
