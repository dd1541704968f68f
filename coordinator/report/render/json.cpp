#include <variant>

#include "coordinator/report/render/render.h"
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

void append(const Table& table, const Row& row, std::string& text) {
  text += text.size() == 1 ? "\n  {" : ",\n  {";
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) text += ", ";
    text += json_quoted(table.columns[i].name) + ": " + literal(row[i], table.columns[i].unit);
  }
  text += '}';
}

}  // namespace

std::string render_json(const Table& table) {
  std::string text = "[";
  for (const Row& row : table.rows) append(table, row, text);
  return text + (table.rows.empty() ? "]\n" : "\n]\n");
}

std::string render_json(Table&& table) {
  std::string text = "[";
  for (Row& row : table.rows) {
    append(table, row, text);
    row = Row();
  }
  return text + (table.rows.empty() ? "]\n" : "\n]\n");
}

}  // namespace firesweep
