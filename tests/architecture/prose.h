// The width of prose: at most 120 characters per line, in Markdown and in comments. Tables and code
// blocks may be wider.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace firesweep {

inline constexpr std::size_t kProseWidth = 120;

// The numbers, from 1, of the lines of prose with more than kProseWidth characters of UTF-8. A line
// of one single word, such as an address, cannot be broken and is not listed. Pure.
std::vector<int> lines_too_wide(std::string_view markdown);

// The same for the comments of a source file: lines that begin, after blanks, with `marker`. Pure.
std::vector<int> comments_too_wide(std::string_view source, std::string_view marker);

}  // namespace firesweep
