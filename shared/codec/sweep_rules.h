// Rules for combinations of a sweep's members, in addition to the limits of each member. Internal
// to the codec room.
#pragma once

#include <string>
#include <vector>

#include "shared/codec/json_node.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// Method grid draws nothing: reports each parameter that is to be drawn as a mistake below `root`,
// the root of the sweep file. Needs no more than the parameters that were read.
void check_grid(const SweepSpec& spec, const JsonNode& root);

// Methods that spread points evenly or learn weigh no values and know neither zip nor conditions,
// and those that learn take one amp: reports what is against it likewise.
void check_search(const SweepSpec& spec, const JsonNode& root);

// Reports each violated rule between members as a mistake below `root`. For a sweep without other
// mistakes.
void check_rules(const SweepSpec& spec, const JsonNode& root);

// Settings that are allowed but unusual, one sentence each.
std::vector<std::string> warnings_of(const SweepSpec& spec);

}  // namespace firesweep
