// The small languages inside a sweep file's texts: constraints, durations and checkpoints. Internal
// to the codec room.
#pragma once

#include <chrono>
#include <optional>

#include "shared/codec/place.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// "params <= 8_000_000", or nothing after a complaint at the place.
std::optional<Constraint> read_constraint(const Place& place);

// 90 (seconds), "90m" or "2h", at most 30 days, or nothing after a complaint at the place.
std::optional<std::chrono::milliseconds> read_duration(const Place& place);

// {"every": "2 epochs" or "10 min", "keep": "all" or "best", "max_bytes": 1000 or "20GB"}, each
// optional and one of them there; or nothing after a complaint at the place.
std::optional<CheckpointRules> read_checkpoint(const Place& place);

}  // namespace firesweep
