// Members of a sweep file that are numbers within bounds. Internal to the codec room.
#pragma once

#include <optional>
#include <string>

#include "shared/codec/json_node.h"

namespace firesweep {

struct NumberBounds {
  bool whole = false;
  double min = 0;  // inclusive, unless `above`
  double max = 0;  // inclusive
  bool above = false;
};

// "a number above 0 and up to 0.5", "a number from 1 to 100".
std::string text_of(const NumberBounds& bounds);

// Nothing after a mistake.
std::optional<double> read_number(const JsonNode& node, const NumberBounds& bounds);

// As people write it: 10, not 10.0.
Json written(double number);

// What the JSON Schema says of it.
Json schema_of(const NumberBounds& bounds);

}  // namespace firesweep
