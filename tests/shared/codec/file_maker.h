// Sweep files by chance for properties: some good, some with a mistake, some with many.
#pragma once

#include <vector>

#include "shared/codec/json.h"
#include "shared/domain/fields.h"

namespace firesweep::testing {

// Values that a field takes and values just outside: wrong types, bounds, open ends, unknown words.
struct Values {
  std::vector<Json> good, bad;
};
Values values_for(const Field& field);

// A step that fits into the field's range.
Json step_for(const Field& field);

// With every member but "include", "zip" and "conditions". Called within a property.
Json any_sweep_file();

}  // namespace firesweep::testing
