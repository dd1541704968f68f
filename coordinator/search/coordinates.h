// A parameter as a dimension of a search space, and coordinates of that dimension as values. Pure.
#pragma once

#include "coordinator/search/samplers/search_space.h"
#include "shared/domain/sweep_spec.h"
#include "shared/domain/value.h"

namespace firesweep {

// Numbers of a list in ascending or descending order, and ranges of whole numbers, are ordered
// choices; every other list is categorical. A range of very many whole numbers is continuous, as
// are ranges of real numbers and of steps, on the scale on which they are drawn uniformly.
Dimension dimension_of(const Parameter& parameter);

// The same, but steps ("q_…") are ordered choices, unless they are very many. Each has the part of
// the unit interval that is its share of what is drawn; those of a range have equal parts. An
// unbounded distribution has the steps within six deviations.
Dimension stepped_dimension_of(const Parameter& parameter);

// The value at a coordinate of the parameter's dimension, by either of these, which exists.
Value value_at(const Parameter& parameter, const Dimension& dimension, double coordinate);
inline Value value_at(const Parameter& parameter, double coordinate) {
  return value_at(parameter, dimension_of(parameter), coordinate);
}

// The same for a number in [0, 1), with choices in equal parts. `dimension` is the parameter's.
Value value_of_share(const Parameter& parameter, const Dimension& dimension, double share);
inline Value value_of_share(const Parameter& parameter, double share) {
  return value_of_share(parameter, dimension_of(parameter), share);
}

}  // namespace firesweep
