// Draws values for the random method. A value is a pure function of (search seed, point,
// parameter's name). So any point can be drawn at any time, and a parameter's values do not depend
// on the others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "coordinator/search/steps.h"
#include "shared/domain/fields.h"
#include "shared/domain/sweep_spec.h"
#include "shared/domain/value.h"

namespace firesweep {

// Draws one parameter. Distributions that reach beyond the limits of their field are truncated
// there. Lists of equal length that are drawn under one name give values at the same place.
// Immutable; safe from any thread.
class DrawnValues {
 public:
  // The parameter must outlive it. `drawn_as` is the name that values depend on.
  DrawnValues(const Parameter& parameter, const std::string& drawn_as);
  explicit DrawnValues(const Parameter& parameter) : DrawnValues(parameter, parameter.name) {}

  Value at(std::int64_t search_seed, std::int64_t point) const;

 private:
  const Parameter* parameter_;
  const Field* field_;
  std::uint64_t name_;
  std::optional<Steps> steps_;
};

inline Value draw(const Parameter& parameter, std::int64_t search_seed, std::int64_t point) {
  return DrawnValues(parameter).at(search_seed, point);
}

}  // namespace firesweep
