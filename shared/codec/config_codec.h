// TrialConfig ↔ JSON text, by the field table: what the store keeps of a trial.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/domain/trial_config.h"

namespace firesweep {

// Compact JSON: every field in the table's order, then "arch_params" and "seed". Equal configs give
// equal text. Pure.
std::string encode_config(const TrialConfig& config);

// The config that `encode_config` wrote, equal in every member. A field that is missing has its
// value `before` (older builds did not have it), a former one is read as its successor's; an
// unknown or out-of-range one is an error with its JSON pointer. Pure.
Result<TrialConfig> decode_config(std::string_view text);

}  // namespace firesweep
