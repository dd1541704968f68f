// Text from files and peers may not be UTF-8, and may hold characters that steer a terminal; what
// we print is and does neither. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace firesweep {

// Length of the well-formed sequence (Unicode 15, table 3-7) at the start of a non-empty text, 0
// where there is none.
std::size_t sequence_length(std::string_view text);

// Where the first byte lies that is part of no well-formed sequence; npos where there is none.
std::size_t first_malformed(std::string_view text);

// Every byte that is part of no well-formed sequence becomes U+FFFD.
std::string well_formed(std::string_view text);

// Code points; a byte that is part of no sequence counts as one.
std::size_t character_count(std::string_view text);

// Whether the text holds a character that moves the cursor or changes the order or look of others:
// C0, DEL, C1, line and paragraph separators, bidirectional controls.
bool has_control(std::string_view text);

// Whether nothing of the text can be seen: blanks and characters without width alone.
bool is_blank(std::string_view text);

// Well-formed, with "?" for every control character but the line feed.
std::string printable(std::string_view text);

// Columns that a terminal gives the text: two for a wide character (Unicode's East Asian Width W
// and F, emoji), none for a combining one.
std::size_t display_width(std::string_view text);

// The longest beginning of at most `columns` columns.
std::string_view head_of_width(std::string_view text, std::size_t columns);

}  // namespace firesweep
