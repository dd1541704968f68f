// Reads and writes a sweep file's "racing". Internal to the codec room.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "shared/codec/bounded_number.h"
#include "shared/codec/json_node.h"
#include "shared/domain/racing.h"

namespace firesweep {

inline constexpr std::array<std::string_view, 3> kRacingKeys = {"top", "level", "group_by"};
inline constexpr std::int64_t kMostTop = 10'000;
inline constexpr NumberBounds kLevelBounds = {.max = 0.5, .above = true};

// {"top": 3, "level": 0.05, "group_by": ["variant"]}; nothing after a mistake.
std::optional<Racing> read_racing(const JsonNode& node);

// The JSON Schema of what read_racing() takes; `groups` is that of names of parameters.
Json schema_of_racing(Json groups);

// The same with the defaults written out.
Json json_of(const Racing& rules);

}  // namespace firesweep
