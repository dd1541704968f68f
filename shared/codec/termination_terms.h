// How "early_terminate" is read and written. Internal to the codec room.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/codec/bounded_number.h"
#include "shared/codec/json_node.h"
#include "shared/codec/termination_codec.h"

namespace firesweep {

// {"type": "asha", "min_iter": 5, "eta": 3, "group_by": ["variant"]}; nothing after a mistake.
std::optional<EarlyTermination> read_early_terminate(const JsonNode& node);

// "group_by": names of parameters, each once. Notes mistakes.
std::vector<std::string> read_groups(const JsonNode& node);

// Of a key that is a number.
NumberBounds bounds_of(const TerminationKey& key);

// The same with the defaults of its type written out.
Json json_of(const EarlyTermination& rules);

}  // namespace firesweep
