// Arithmetic in architecture files: numbers, + - * / and parentheses over `in` (channels coming
// in), `classes` and the file's parameters as $NAME. Real arithmetic; the caller decides what must
// be whole.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/domain/value.h"

namespace firesweep {

// What an expression may name.
struct ExpressionScope {
  const std::map<std::string, Value>& params;
  std::int64_t in = 0;
  std::int64_t classes = 0;
};

// The expression's value, always finite. The error names `where`, the expression and the part of it
// that is wrong: a syntax error, an unknown name (with near miss), a parameter that is no number, a
// division by zero. Bounded in length and nesting. Pure.
Result<double> evaluate(std::string_view text, const ExpressionScope& scope,
                        std::string_view where);

}  // namespace firesweep
