// What the members of a sweep must satisfy together, beyond each one's own bounds. Internal to the
// codec room.
#pragma once

#include <string>
#include <vector>

#include "shared/codec/place.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// Adds the first rule that is broken as a mistake below `root`, the sweep file's own place.
void check_rules(const SweepSpec& spec, const Place& root);

// What is allowed but unusual, a sentence each.
std::vector<std::string> warnings_of(const SweepSpec& spec);

}  // namespace firesweep
