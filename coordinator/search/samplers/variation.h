// New points from old ones, for evolutionary searches. Pure.
#pragma once

#include "coordinator/search/samplers/sampler.h"

namespace firesweep {

// Sets coordinates that exist but are absent to random ones, and those that do not exist to
// kAbsent. Call it after changes, which may switch dimensions on or off.
void repair(const SearchSpace& space, Coordinates& point, SearchRandom& random);

// Changes one coordinate that exists: a category to any other, an ordered choice by a few steps,
// a real number by a normal step of a tenth of its range. A point without a dimension that can
// change is returned as it is.
Coordinates mutate_one(const SearchSpace& space, Coordinates point, SearchRandom& random);

// Takes each coordinate from one of the parents (uniform crossover, Syswerda 1989).
Coordinates cross(const SearchSpace& space, const Coordinates& a, const Coordinates& b,
                  SearchRandom& random);

}  // namespace firesweep
