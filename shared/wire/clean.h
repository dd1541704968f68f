// Internal to the room. Makes values valid before they are written, so that no message is refused
// because of a stray byte in an exception's text or an infinite loss.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/wire/bounds.h"

namespace firesweep {

// The text as valid UTF-8 of at most `most` bytes. Each byte that is not part of a code point
// becomes
// "?"; a long text is cut between code points. Pure.
std::string clean_text(std::string_view text, std::size_t most = kMaxTextBytes);
inline std::string clean_name(std::string_view name) { return clean_text(name, kMaxNameBytes); }

// NaN and beyond become the largest double of that sign (NaN: positive). Pure.
double clean_loss(double value);
// Not finite becomes 0. Pure.
double clean_number(double value);
// Not finite or below 0 becomes 0. Pure.
double clean_rate(double value);
// Cut into [0, 1]; NaN becomes 0. Pure.
double clean_fraction(double value);
// Empty if it exceeds its limit. Pure.
std::string clean_bitmap(const std::vector<std::uint8_t>& bits);

}  // namespace firesweep
