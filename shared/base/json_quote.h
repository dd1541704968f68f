// Text as a JSON string: the one place where JSON is escaped, but for the parser's library.
#pragma once

#include <string>
#include <string_view>

namespace firesweep {

// `text` in quotes, escaped as RFC 8259 §7 asks, with the short escapes where there are some. Bytes
// that are not UTF-8 become U+FFFD. Equal to what the library writes of well-formed text. Pure.
std::string json_quoted(std::string_view text);

}  // namespace firesweep
