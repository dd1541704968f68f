#include "shared/base/json_quote.h"

#include "shared/base/utf8.h"

namespace firesweep {
namespace {

// The letter of the short escape, or none.
char short_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return '\0';
  }
}

void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (const char letter = short_escape(c); letter != '\0') {
      out += '\\';
      out += letter;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
}

}  // namespace

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  if (first_malformed(text) == std::string_view::npos) {
    append_escaped(out, text);
  } else {
    append_escaped(out, well_formed(text));
  }
  return out + '"';
}

}  // namespace firesweep
