// Text as a JSON string.
#pragma once

#include <string>
#include <string_view>

namespace firesweep {

// `text` in quotes, escaped as RFC 8259 §7 asks. Bytes from 0x80 on pass as they are: what is not
// UTF-8 stays so. Pure.
std::string json_quoted(std::string_view text);

}  // namespace firesweep
