// Draws values for the random method. A value is a pure function of (search seed, point,
// parameter's name). So any point can be drawn at any time, and a parameter's values do not depend
// on the others.
#pragma once

#include <cstdint>
#include <string>

#include "shared/domain/sweep_spec.h"
#include "shared/domain/value.h"

namespace firesweep {

// Draws one parameter of one point. Distributions that reach beyond the limits of their field are
// truncated there. Pure.
Value draw(const Parameter& parameter, std::int64_t search_seed, std::int64_t point);

}  // namespace firesweep
