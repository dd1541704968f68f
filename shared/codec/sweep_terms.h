// Reads constraints, durations and checkpoint rules in sweep files. Internal to the codec room.
#pragma once

#include <chrono>
#include <optional>

#include "shared/codec/place.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// A constraint such as "params <= 8_000_000"; nothing after a mistake at the place.
std::optional<Constraint> read_constraint(const Place& place);

// A duration such as 90 (seconds), "90m" or "2h", at most 30 days; nothing after a mistake.
std::optional<std::chrono::milliseconds> read_duration(const Place& place);

// {"every": "2 epochs" or "10 min", "keep": "all" or "best", "max_bytes": 1000 or "20GB"}, with at
// least one of the members; nothing after a mistake.
std::optional<CheckpointRules> read_checkpoint(const Place& place);

}  // namespace firesweep
