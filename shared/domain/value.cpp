#include "shared/domain/value.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "shared/base/json_quote.h"

namespace firesweep {
namespace {

std::optional<double> number_of(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return std::nullopt;
}

}  // namespace

std::string to_string(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&value)) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), *real).ptr;
    return {text.data(), end};
  }
  return std::get<std::string>(value);
}

std::string json_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return json_quoted(*text);
  const auto* real = std::get_if<double>(&value);
  return real != nullptr && !std::isfinite(*real) ? "null" : to_string(value);
}

bool same_value(const Value& a, const Value& b) {
  if (a.index() == b.index()) return a == b;
  const auto left = number_of(a);
  const auto right = number_of(b);
  return left && right && *left == *right;
}

}  // namespace firesweep
