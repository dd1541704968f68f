// Text from files and peers may not be UTF-8; what we write always is. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace firesweep {

// Length of the well-formed sequence (Unicode 15, table 3-7) at the start of a non-empty text, 0
// where there is none.
std::size_t sequence_length(std::string_view text);

// Every byte that is part of no well-formed sequence becomes U+FFFD.
std::string well_formed(std::string_view text);

}  // namespace firesweep
