// Text as a JSON string. All our JSON is escaped here, except by the parser's library.
#pragma once

#include <string>
#include <string_view>

namespace firesweep {

// `text` in quotes, escaped as in RFC 8259 §7, with short escapes where they exist. Bytes that are
// not UTF-8 become U+FFFD. For well-formed text the result equals the library's. Pure.
std::string json_quoted(std::string_view text);

}  // namespace firesweep
