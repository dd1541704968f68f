// Durations as users type them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace firesweep {

// Reads "90" (seconds), "45s", "1.5h", "1h30m", "2d 12h": numbers from 0 with the units d, h, m, s
// and ms, each at most once, the longest first. Returns nothing for any other text, and for more
// than 100 years. Pure.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// A number without sign and exponent, as an ECMAScript regular expression.
inline constexpr std::string_view kNumberPattern = R"(([0-9]+\.?[0-9]*|\.[0-9]+))";

// The texts with units that parse_duration takes and those above 100 years, in the same language.
std::string duration_pattern();

}  // namespace firesweep
