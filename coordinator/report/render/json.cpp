#include "coordinator/report/render/json.h"

#include <variant>

#include "shared/base/json_quote.h"

namespace firesweep {
namespace {

std::string literal(const Cell& cell, Unit unit) {
  if (!cell) return "null";
  if (const auto* whole = std::get_if<std::int64_t>(&*cell);
      whole != nullptr && unit == Unit::kFlag) {
    return *whole != 0 ? "true" : "false";
  }
  return json_text(*cell);
}

}  // namespace

std::vector<std::string> json_keys(const std::vector<Column>& columns) {
  std::vector<std::string> keys;
  for (const Column& column : columns) keys.push_back(json_quoted(column.name) + ": ");
  return keys;
}

std::string json_object(const std::vector<Column>& columns, const std::vector<std::string>& keys,
                        const Row& row) {
  std::string text = "{";
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) text += ", ";
    text += keys[i];
    text += literal(row[i], columns[i].unit);
  }
  return text + "}";
}

}  // namespace firesweep
