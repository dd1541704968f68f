#include "tests/architecture/prose.h"

#include <algorithm>

namespace firesweep {
namespace {

// Every byte of UTF-8 but the second and further ones of a character.
bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

}  // namespace

std::vector<int> lines_too_wide(std::string_view markdown) {
  std::vector<int> found;
  bool code = false;
  for (int number = 1; !markdown.empty(); ++number) {
    const std::string_view line = markdown.substr(0, markdown.find('\n'));
    markdown.remove_prefix(std::min(line.size() + 1, markdown.size()));
    const std::string_view text =
        line.substr(std::min(line.find_first_not_of(" -*>"), line.size()));
    if (text.starts_with("```")) {
      code = !code;
    } else if (!code && !text.starts_with("|") && text.find(' ') != std::string_view::npos &&
               std::ranges::count_if(line, begins_character) >
                   static_cast<std::ptrdiff_t>(kProseWidth)) {
      found.push_back(number);
    }
  }
  return found;
}

}  // namespace firesweep
