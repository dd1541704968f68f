// The width of prose in Markdown: 120 characters a line, as STYLE has it. Tables and blocks of code
// are as wide as they must be.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace firesweep {

inline constexpr std::size_t kProseWidth = 120;

// The numbers, from 1, of the lines of prose that have more than kProseWidth characters of UTF-8. A
// line that is one word with no place to break it, such as an address, counts for none. Pure.
std::vector<int> lines_too_wide(std::string_view markdown);

}  // namespace firesweep
