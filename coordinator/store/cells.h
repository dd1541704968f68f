// The cells of a query's result. NULL is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "shared/domain/value.h"

namespace firesweep {

using Cell = std::optional<Value>;
using Row = std::vector<Cell>;

// What a cell of that type holds; 0 or nothing of NULL.
inline std::int64_t whole_of(const Cell& cell) { return cell ? std::get<std::int64_t>(*cell) : 0; }
inline double real_of(const Cell& cell) { return cell ? std::get<double>(*cell) : 0; }
inline std::string text_of(const Cell& cell) { return cell ? std::get<std::string>(*cell) : ""; }

}  // namespace firesweep
