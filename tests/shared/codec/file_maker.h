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

// With every member; each is called within a property. "include" is a mistake: its text is to be
// merged before.
Json any_sweep_file();
// One that only rules between its members may refuse.
Json sweep_file_without_mistakes();
// A sweep file of which any part is anything, or any tree.
Json any_json();

}  // namespace firesweep::testing
