#include "shared/codec/sweep_terms.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <string>
#include <string_view>

#include "shared/base/near_miss.h"

namespace firesweep {
namespace {

constexpr std::array<std::string_view, 4> kComparisons = {"<=", ">=", "<", ">"};
constexpr std::chrono::milliseconds kMaxDuration = std::chrono::hours(24 * 30);

std::nullopt_t refused(const Place& place, const std::string& expected, std::string hint = {}) {
  place.refuse(expected, std::move(hint));
  return std::nullopt;
}

}  // namespace

std::optional<Constraint> read_constraint(const Place& place) {
  const auto text = place.text();
  if (!text) return std::nullopt;
  constexpr std::string_view kExpected = "a comparison such as \"params <= 8_000_000\"";
  static constexpr std::array<std::string_view, 2> kQuantities = {"params", "macs"};
  std::string squeezed;
  std::copy_if(text->begin(), text->end(), std::back_inserter(squeezed),
               [](char c) { return c != ' ' && c != '_'; });
  const auto at = squeezed.find_first_of("<>=!");
  if (at == std::string::npos) return refused(place, std::string(kExpected));
  Constraint constraint{*text, squeezed.substr(0, at), {}, 0};
  if (std::find(kQuantities.begin(), kQuantities.end(), constraint.quantity) == kQuantities.end()) {
    return refused(place, std::string(kExpected) + " over params or macs",
                   did_you_mean(constraint.quantity, kQuantities));
  }
  for (const std::string_view comparison : kComparisons) {
    if (!constraint.comparison.empty() || squeezed.compare(at, comparison.size(), comparison)) {
      continue;
    }
    constraint.comparison = comparison;
  }
  if (constraint.comparison.empty()) return refused(place, "one of <, <=, >, >=");
  const char* begin = squeezed.data() + at + constraint.comparison.size();
  const char* end = squeezed.data() + squeezed.size();
  const auto [stop, code] = std::from_chars(begin, end, constraint.bound);
  if (code != std::errc() || stop != end || !std::isfinite(constraint.bound)) {
    return refused(place, std::string(kExpected), "after the comparison comes one number");
  }
  return constraint;
}

std::optional<std::chrono::milliseconds> read_duration(const Place& place) {
  constexpr std::string_view kExpected = "a duration such as 90 (seconds), \"90m\" or \"2h\"";
  double amount = 0;
  double unit = 1000;  // milliseconds
  if (place.json().is_string()) {
    const auto text = place.text();
    if (!text) return std::nullopt;
    const char* end = text->data() + text->size();
    const auto [stop, code] = std::from_chars(text->data(), end, amount);
    const std::string_view suffix(stop, static_cast<std::size_t>(end - stop));
    unit = suffix == "ms"  ? 1
           : suffix == "s" ? 1000
           : suffix == "m" ? 60'000
           : suffix == "h" ? 3'600'000
           : suffix == "d" ? 86'400'000
                           : 0;
    if (code != std::errc() || unit == 0) return refused(place, std::string(kExpected));
  } else if (place.json().is_number()) {
    const auto seconds = place.real();
    if (!seconds) return std::nullopt;
    amount = *seconds;
  } else {
    return refused(place, std::string(kExpected));
  }
  const double length = amount * unit;
  if (!(length >= 1 && length <= static_cast<double>(kMaxDuration.count()))) {
    return refused(place, std::string(kExpected), "above 0 and at most 30 days");
  }
  return std::chrono::milliseconds(std::llround(length));
}

}  // namespace firesweep
