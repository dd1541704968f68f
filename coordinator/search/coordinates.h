// A parameter as a dimension of a search space, and coordinates of that dimension as values. Pure.
#pragma once

#include <optional>
#include <vector>

#include "coordinator/search/samplers/search_space.h"
#include "coordinator/search/steps.h"
#include "shared/domain/fields.h"
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

// The values of one parameter by their share: a multiple of 2^-32 in [0, 1), of which choices have
// equal parts. Immutable; safe from any thread.
class ShareValues {
 public:
  // The parameter must outlive it.
  explicit ShareValues(const Parameter& parameter);

  Value at(double share) const;
  // Whether shares are sure to have different values each.
  bool are_all_different() const;

 private:
  double step_at(const Steps& steps, double share) const;
  void lay_borders(const Steps& steps);

  const Parameter* parameter_;
  const Field* field_;
  Dimension dimension_;
  std::optional<Steps> steps_;
  double first_step_ = 0;        // with borders
  std::vector<double> borders_;  // the least share of each step after it; empty: not laid
};

}  // namespace firesweep
