// What the members of a sweep must satisfy together, beyond each one's own bounds. Internal to the
// codec room.
#pragma once

#include <string>
#include <vector>

#include "shared/codec/place.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// Method grid draws nothing: adds each parameter that is to be drawn as a mistake below `root`, the
// sweep file's own place. Needs no more than the parameters that were read.
void check_grid(const SweepSpec& spec, const Place& root);

// Adds the rules between members that are broken. Of a sweep without other mistakes.
void check_rules(const SweepSpec& spec, const Place& root);

// What is allowed but unusual, a sentence each.
std::vector<std::string> warnings_of(const SweepSpec& spec);

}  // namespace firesweep
