#include "coordinator/report/render/csv.h"

#include <cmath>
#include <string_view>
#include <variant>

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

}  // namespace

std::string csv_header(const std::vector<Column>& columns) {
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) text += ',';
    text += in_quotes(columns[i].name);
  }
  return text + kLineEnd;
}

std::string csv_line(const Row& row) {
  std::string text;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) text += ',';
    text += field(row[i]);
  }
  return text + kLineEnd;
}

}  // namespace firesweep
