// Rules for combinations of a sweep's members, in addition to the limits of each member. Internal
// to the codec room.
#pragma once

#include <string>
#include <vector>

#include "shared/codec/place.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// Reports the first violated rule as a mistake below `root`, the root of the sweep file.
void check_rules(const SweepSpec& spec, const Place& root);

// Settings that are allowed but unusual, one sentence each.
std::vector<std::string> warnings_of(const SweepSpec& spec);

}  // namespace firesweep
