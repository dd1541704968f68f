#include <algorithm>
#include <cassert>

#include "coordinator/report/render/human.h"
#include "coordinator/report/render/render.h"
#include "shared/base/utf8.h"

namespace firesweep {
namespace {

constexpr const char* kGap = "  ";

bool varies(const Table& table, const Section& section, std::size_t column) {
  const Cell& first = table.rows[section.first][column];
  for (std::size_t i = 1; i < section.count; ++i) {
    if (table.rows[section.first + i][column] != first) return true;
  }
  return false;
}

bool present(const Table& table, const Section& section, std::size_t column) {
  for (std::size_t i = 0; i < section.count; ++i) {
    if (table.rows[section.first + i][column]) return true;
  }
  return false;
}

std::vector<std::size_t> columns_to_show(const Table& table, const Section& section) {
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Shown rule = table.columns[i].shown;
    if (rule == Shown::kAlways || (rule == Shown::kWherePresent && present(table, section, i)) ||
        (rule == Shown::kWhereItVaries && varies(table, section, i)))
      shown.push_back(i);
  }
  return shown;
}

std::string repeat(const char* text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return printable(text);
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                    const std::vector<bool>& to_the_left) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string padding(widths[i] - display_width(cells[i]), ' ');
    line += i == 0 ? "" : kGap;
    line += to_the_left[i] ? cells[i] + padding : padding + cells[i];
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string render_section(const Table& table, const Section& section) {
  const std::vector<std::size_t> shown = columns_to_show(table, section);
  std::vector<std::vector<std::string>> lines(1);
  std::vector<bool> to_the_left;
  for (const std::size_t column : shown) {
    lines[0].push_back(table.columns[column].title);
    to_the_left.push_back(table.columns[column].unit == Unit::kText);
  }
  for (std::size_t i = 0; i < section.count; ++i) {
    const Row& row = table.rows[section.first + i];
    assert(row.size() == table.columns.size());
    auto& line = lines.emplace_back();
    for (const std::size_t column : shown)
      line.push_back(one_line(human(row[column], table.columns[column].unit)));
  }
  std::vector<std::size_t> widths(shown.size(), 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], display_width(line[i]));
  }
  std::string text = line_of(lines[0], widths, to_the_left);
  std::vector<std::string> rule;
  for (const std::size_t width : widths) rule.push_back(repeat("─", width));
  text += line_of(rule, widths, to_the_left);
  for (std::size_t i = 1; i < lines.size(); ++i) text += line_of(lines[i], widths, to_the_left);
  return text;
}

}  // namespace

std::string render_text(const Table& table) {
  std::string text;
  if (table.rows.empty()) text = table.when_empty.empty() ? "" : table.when_empty + '\n';
  std::vector<Section> sections = table.sections;
  if (sections.empty()) sections.push_back({"", 0, table.rows.size()});
  for (const Section& section : sections) {
    if (section.count == 0) continue;
    if (!text.empty()) text += '\n';
    if (!section.heading.empty()) text += section.heading + '\n';
    text += render_section(table, section);
  }
  if (!table.note.empty()) text += '\n' + table.note + '\n';
  return text;
}

}  // namespace firesweep
