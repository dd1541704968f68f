#include "shared/codec/bounded_number.h"

#include <cmath>
#include <cstdint>

#include "shared/domain/value.h"

namespace firesweep {

std::string text_of(const NumberBounds& bounds) {
  return "a number " + std::string(bounds.above ? "above " : "from ") +
         to_string(Value(bounds.min)) + (bounds.above ? " and up to " : " to ") +
         to_string(Value(bounds.max));
}

std::optional<double> read_number(const JsonNode& node, const NumberBounds& bounds) {
  if (bounds.whole) {
    const auto whole =
        node.whole(static_cast<std::int64_t>(bounds.min), static_cast<std::int64_t>(bounds.max));
    return whole ? std::optional(static_cast<double>(*whole)) : std::nullopt;
  }
  const auto number = node.real();
  if (!number) return std::nullopt;
  if (*number < bounds.min || *number > bounds.max || (bounds.above && *number == bounds.min)) {
    node.refuse(text_of(bounds));
    return std::nullopt;
  }
  return number;
}

Json written(double number) {
  if (number == std::floor(number)) return static_cast<std::int64_t>(number);
  return number;
}

Json schema_of(const NumberBounds& bounds) {
  return {{"type", bounds.whole ? "integer" : "number"},
          {bounds.above ? "exclusiveMinimum" : "minimum", written(bounds.min)},
          {"maximum", written(bounds.max)}};
}

}  // namespace firesweep
