// Parameters as other tools write them: refused, with what to write instead. Internal to the codec
// room.
#pragma once

#include "shared/codec/json_node.h"
#include "shared/codec/parameter_codec.h"

namespace firesweep {

// Whether the distribution that the object names is a word of another tool; then with a mistake.
bool is_refused_distribution(const JsonNode& domain);

// Whether the object, which is the parameter's, holds parameters of its own, as some tools nest
// them; then with a mistake.
bool is_group(const ParameterName& name, const JsonNode& domain);

}  // namespace firesweep
