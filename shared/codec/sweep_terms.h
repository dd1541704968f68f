// Reads constraints, durations and checkpoint rules in sweep files. Internal to the codec room.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/codec/json_node.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

inline constexpr std::array<std::string_view, 3> kCheckpointKeys = {"every", "keep", "max_bytes"};
inline constexpr std::array<std::string_view, 2> kKept = {"all", "best"};
inline constexpr std::int64_t kMostBytes = std::int64_t{1} << 53;
inline constexpr std::chrono::milliseconds kLongestDuration = std::chrono::hours(24 * 30);

// A constraint (constraint.h) such as "params <= 8_000_000"; nothing after a mistake at the place.
std::optional<Constraint> read_constraint(const JsonNode& node);

// A duration such as 90 (seconds), "90m" or "2h", at most 30 days; nothing after a mistake.
std::optional<std::chrono::milliseconds> read_duration(const JsonNode& node);

// {"every": "2 epochs" or "10 min", "keep": "all" or "best", "max_bytes": 1000 or "20GB"}, with at
// least one of the members; nothing after a mistake.
std::optional<CheckpointRules> read_checkpoint(const JsonNode& node);

// ECMAScript regular expressions of the texts that these take, whatever the amounts: those too
// large or too small match too.
std::string every_pattern();
std::string max_bytes_pattern();

}  // namespace firesweep
