// The frozen form of a spec: a sweep file with every default written out and a few members of its
// own. Internal to the codec room.
#pragma once

#include <string_view>

#include "shared/base/error.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// Members that only the frozen form has.
inline constexpr std::string_view kFrozenFormatKey = "frozen_format";  // 1
inline constexpr std::string_view kRulesKey = "rules";  // SweepSpec::rules; left out where 1
inline constexpr std::string_view kFollowsOptimizerKey =
    "follows_optimizer";  // of "lr", "weight_decay"
inline constexpr std::string_view kFieldsFollowingOptimizer[] = {"lr", "weight_decay"};

// Reads what `canonical_json` wrote; the spec is equal in every member. Pure.
Result<SweepSpec> decode_canonical_sweep(std::string_view canonical);

}  // namespace firesweep
