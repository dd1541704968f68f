// The small languages inside a sweep file's texts: constraints and durations. Internal to the codec
// room.
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

}  // namespace firesweep
