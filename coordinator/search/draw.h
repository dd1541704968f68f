// Draws values for the random method. A value is a pure function of (search seed, point,
// parameter's name). So any point can be drawn at any time, and a parameter's values do not depend
// on the others.
#pragma once

#include <cstdint>
#include <string>

#include "shared/domain/sweep_spec.h"
#include "shared/domain/value.h"

namespace firesweep {

// The name under which a parameter is drawn, as its draws need it.
class DrawName {
 public:
  explicit DrawName(const std::string& drawn_as);
  std::uint64_t hash() const { return hash_; }

 private:
  std::uint64_t hash_;
};

// Draws one parameter of one point. Distributions that reach beyond the limits of their field are
// truncated there. Lists of equal length that are drawn under one name give values at the same
// place. Pure.
Value draw(const Parameter& parameter, std::int64_t search_seed, std::int64_t point,
           const DrawName& drawn_as);
inline Value draw(const Parameter& parameter, std::int64_t search_seed, std::int64_t point) {
  return draw(parameter, search_seed, point, DrawName(parameter.name));
}

}  // namespace firesweep
