// One hyperparameter value as users write it.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace firesweep {

using Value = std::variant<bool, std::int64_t, double, std::string>;

// "true", "15", "0.003", "v3": the shortest text that is read as the same value. Pure.
std::string to_string(const Value& value);

// The same as JSON: text quoted and escaped, a number that is not finite null. Pure.
std::string json_text(const Value& value);

// Whether both are equal as numbers (1 equals 1.0), or else equal in type and content. Pure.
bool same_value(const Value& a, const Value& b);

}  // namespace firesweep
