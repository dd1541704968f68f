// Arithmetic in architecture files: numbers, + - * / and parentheses over `in` (the number of input
// channels), `classes` and the file's parameters as $NAME. The arithmetic is real; the caller
// checks which values must be whole numbers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/domain/value.h"

namespace firesweep {

// The names that an expression may use.
struct ExpressionScope {
  const std::map<std::string, Value>& params;
  std::int64_t in = 0;
  std::int64_t classes = 0;
};

// The expression's value, always finite. The error names `where`, the expression and its wrong
// part: a syntax error, an unknown name (with a suggestion), a parameter that is no number, or a
// division by zero. Length and nesting are limited. Pure.
Result<double> evaluate(std::string_view text, const ExpressionScope& scope,
                        std::string_view where);

}  // namespace firesweep
