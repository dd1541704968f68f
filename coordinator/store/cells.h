// The cells of a query's result. NULL is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "shared/domain/value.h"

namespace firesweep {

using Cell = std::optional<Value>;
using Row = std::vector<Cell>;

// The database holds a value of another type than its schema says.
class CellOfOtherType : public std::runtime_error {
 public:
  CellOfOtherType()
      : std::runtime_error(
            "the database holds a value of another type than its column, expected one that "
            "firesweep wrote; `firesweep check FILE` tells more") {}
};

template <class T>
const T& content_of(const Value& value) {
  const T* content = std::get_if<T>(&value);
  if (content == nullptr) throw CellOfOtherType();
  return *content;
}

// What a cell of that type holds; 0 or nothing of NULL. Throw CellOfOtherType.
inline std::int64_t whole_of(const Cell& cell) {
  return cell ? content_of<std::int64_t>(*cell) : 0;
}
inline double real_of(const Cell& cell) { return cell ? content_of<double>(*cell) : 0; }
inline std::string text_of(const Cell& cell) { return cell ? content_of<std::string>(*cell) : ""; }

}  // namespace firesweep
