#include "tests/architecture/prose.h"

#include <algorithm>

namespace firesweep {
namespace {

// False for the second and further bytes of a character of UTF-8.
bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

// `text` is the line without its leading marks.
bool is_too_wide(std::string_view line, std::string_view text) {
  return text.find(' ') != std::string_view::npos &&
         std::ranges::count_if(line, begins_character) > static_cast<std::ptrdiff_t>(kProseWidth);
}

std::string_view without_leading(std::string_view line, std::string_view characters) {
  return line.substr(std::min(line.find_first_not_of(characters), line.size()));
}

// Calls `look` with each line and its number.
template <class Look>
void for_each_line(std::string_view text, Look look) {
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    look(line, number);
  }
}

}  // namespace

std::vector<int> lines_too_wide(std::string_view markdown) {
  std::vector<int> found;
  bool code = false;
  for_each_line(markdown, [&](std::string_view line, int number) {
    const std::string_view text = without_leading(line, " -*>");
    if (text.starts_with("```")) {
      code = !code;
    } else if (!code && !text.starts_with("|") && is_too_wide(line, text)) {
      found.push_back(number);
    }
  });
  return found;
}

std::vector<int> comments_too_wide(std::string_view source, std::string_view marker) {
  std::vector<int> found;
  for_each_line(source, [&](std::string_view line, int number) {
    const std::string_view comment = without_leading(line, " ");
    if (!comment.starts_with(marker)) return;
    const std::string_view text = without_leading(comment.substr(marker.size()), " ");
    if (is_too_wide(line, text)) found.push_back(number);
  });
  return found;
}

}  // namespace firesweep
