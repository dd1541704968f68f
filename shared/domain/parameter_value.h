// What a config has of a parameter, by its name in sweep files. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "shared/domain/trial_config.h"
#include "shared/domain/value.h"

namespace firesweep {

// How the names of architecture parameters begin; the others are fields of the table.
inline constexpr std::string_view kArchPrefix = "arch.";

// What the config has of a field, or of "arch.NAME"; nothing where it has no such parameter.
std::optional<Value> value_of(const TrialConfig& config, std::string_view name);

}  // namespace firesweep
