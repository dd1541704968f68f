// TrialConfig ↔ JSON text, by the field table. The store keeps this text for each trial.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/domain/trial_config.h"

namespace firesweep {

// Compact JSON: every field in the table's order, then "arch_params" and "seed". Equal configs give
// equal text. Pure.
std::string encode_config(const TrialConfig& config);

// The config that `encode_config` wrote, equal in every member. A missing field, which older builds
// did not have, gets its value `before`. A former field is read as its successor. An unknown or
// out-of-range field is an error with its JSON pointer. Pure.
Result<TrialConfig> decode_config(std::string_view text);

}  // namespace firesweep
