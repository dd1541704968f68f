// Internal to the codec room: what the JSON Schema of sweep files says of several members together.
#pragma once

#include "shared/codec/json.h"

namespace firesweep {

// A list of schemas that a sweep file must satisfy, all of them: the rules of method, trainer, zip,
// conditions and protocol (sweep_rules.h).
Json rules_between_members();

}  // namespace firesweep
