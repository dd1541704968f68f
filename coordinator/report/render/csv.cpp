#include <cmath>
#include <string_view>
#include <variant>

#include "coordinator/report/render/render.h"

namespace firesweep {
namespace {

constexpr const char* kLineEnd = "\r\n";

std::string in_quotes(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

// A spreadsheet computes text that begins so; an apostrophe before it makes it text.
std::string no_formula(const std::string& text) {
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
  return formula ? "'" + text : text;
}

std::string field(const Cell& cell) {
  if (!cell) return {};
  if (const auto* flag = std::get_if<bool>(&*cell)) return *flag ? "1" : "0";
  if (const auto* number = std::get_if<double>(&*cell);
      number != nullptr && !std::isfinite(*number))
    return {};
  if (const auto* text = std::get_if<std::string>(&*cell)) return in_quotes(no_formula(*text));
  return in_quotes(to_string(*cell));
}

std::string header_of(const Table& table) {
  std::string text;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) text += ',';
    text += in_quotes(table.columns[i].name);
  }
  return text + kLineEnd;
}

void append(const Row& row, std::string& text) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) text += ',';
    text += field(row[i]);
  }
  text += kLineEnd;
}

}  // namespace

std::string render_csv(const Table& table) {
  std::string text = header_of(table);
  for (const Row& row : table.rows) append(row, text);
  return text;
}

std::string render_csv(Table&& table) {
  std::string text = header_of(table);
  for (Row& row : table.rows) {
    append(row, text);
    row = Row();
  }
  return text;
}

}  // namespace firesweep
