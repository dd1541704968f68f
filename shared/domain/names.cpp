#include "shared/domain/names.h"

#include "shared/base/utf8.h"
#include "shared/domain/fields.h"

namespace firesweep {

std::optional<std::string> mistake_in_name(std::string_view name) {
  const std::string expected =
      ", expected 1 to " + std::to_string(kLongestName) + " printable characters";
  if (name.empty()) return "found \"\"" + expected;
  if (first_malformed(name) != std::string_view::npos) {
    return "found a name that is not UTF-8" + expected;
  }
  if (has_control(name)) {
    return "found a control character in " + found_text(printable(name)) + expected;
  }
  if (is_blank(name)) return "found a name that shows nothing" + expected;
  if (const std::size_t count = character_count(name); count > kLongestName) {
    return "found " + std::to_string(count) + " characters" + expected;
  }
  return std::nullopt;
}

}  // namespace firesweep
