// Text from files and peers may be invalid UTF-8 and may contain characters that control a
// terminal. These functions make it safe to print. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace firesweep {

// Length of the well-formed sequence (Unicode 15, table 3-7) at the start of a non-empty text, 0 if
// there is none.
std::size_t sequence_length(std::string_view text);

// Position of the first byte that is not part of a well-formed sequence; npos if there is none.
std::size_t first_malformed(std::string_view text);

// The text with every byte that is not part of a well-formed sequence replaced by U+FFFD.
std::string well_formed(std::string_view text);

// The number of code points; a byte that is not part of a sequence counts as one.
std::size_t character_count(std::string_view text);

// Whether the text has a character that moves the cursor or changes the order or look of other
// characters: C0, DEL, C1, line and paragraph separators, bidirectional controls.
bool has_control(std::string_view text);

// Whether the text has no visible character: only blanks and characters without width.
bool is_blank(std::string_view text);

// The text as well-formed UTF-8, with "?" for every control character except the line feed.
std::string printable(std::string_view text);

// The number of terminal columns of the text: two for a wide character (Unicode's East Asian Width
// W and F, emoji), none for a combining character.
std::size_t display_width(std::string_view text);

// The longest prefix of at most `columns` columns.
std::string_view head_of_width(std::string_view text, std::size_t columns);

}  // namespace firesweep
