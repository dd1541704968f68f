#include "shared/base/duration.h"

#include <array>
#include <charconv>
#include <cmath>

namespace firesweep {
namespace {

struct Unit {
  std::string_view name;
  double milliseconds;
};
constexpr std::array<Unit, 5> kUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr double kLongest = 100 * 365.0 * 86'400'000;

// A number without a sign, taken off the front.
std::optional<double> take_number(std::string_view& text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || text.front() == '-' || !std::isfinite(number)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::string_view take_word(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && text[size] >= 'a' && text[size] <= 'z') ++size;
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(size);
  return word;
}

}  // namespace

std::string duration_pattern() {
  std::string pattern = "^(?=[0-9.])";
  for (const Unit& unit : kUnits) {
    pattern += "( *" + std::string(kNumberPattern) + std::string(unit.name) + ")?";
  }
  return pattern + "$";
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  double length = 0;
  std::size_t next = 0;  // units from here on may follow
  bool first = true;
  do {
    while (!first && !text.empty() && text.front() == ' ') text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    const std::string_view word = take_word(text);
    if (word.empty()) {  // seconds, alone
      if (!first || !text.empty()) return std::nullopt;
      length = *number * 1000;
      break;
    }
    std::size_t unit = next;
    while (unit < kUnits.size() && kUnits[unit].name != word) ++unit;
    if (unit == kUnits.size()) return std::nullopt;
    length += *number * kUnits[unit].milliseconds;
    next = unit + 1;
    first = false;
  } while (!text.empty());
  if (length > kLongest) return std::nullopt;
  return std::chrono::milliseconds(std::llround(length));
}

}  // namespace firesweep
