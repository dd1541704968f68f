#include "coordinator/store/schema_document.h"

#include <string_view>
#include <utility>

#include "coordinator/store/migration.h"
#include "shared/domain/fields.h"
#include "shared/domain/results.h"

namespace firesweep {

extern const std::string_view kSchemaTemplate;  // schema.md.in

namespace {

std::string code(std::string_view name) { return "`" + std::string(name) + "`"; }

template <class Table, class Name>
std::string names(const Table& table, Name name) {
  std::string text;
  for (const auto& entry : table) {
    const std::string_view one = name(entry);
    if (!one.empty()) text += (text.empty() ? "" : ", ") + code(one);
  }
  return text;
}

std::string row(std::string_view name, std::string meaning) {
  for (auto at = meaning.find('|'); at != std::string::npos; at = meaning.find('|', at + 2)) {
    meaning.insert(at, "\\");
  }
  return "| " + code(name) + " | " + meaning + " |\n";
}

std::string rows_of_fields() {
  std::string text;
  for (const Field& field : fields()) {
    std::string meaning = std::string(field.help) + " Expected: " + expected_text(field);
    if (!field.unit.empty()) meaning += ", " + std::string(field.unit);
    text += row(field.name, meaning + ".");
  }
  return text;
}

std::string rows_of_results(bool in_views) {
  std::string text;
  for (const ResultField& field : results()) {
    const std::string_view name = in_views ? field.in_views : field.name;
    if (!name.empty()) text += row(name, std::string(field.help));
  }
  return text;
}

}  // namespace

std::string schema_document() {
  const auto field_name = [](const Field& field) { return field.name; };
  const auto result_name = [](const ResultField& field) { return field.name; };
  const auto name_in_views = [](const ResultField& field) { return field.in_views; };
  const std::pair<std::string_view, std::string> marks[] = {
      {"{{version}}", std::to_string(newest_version())},
      {"{{fields}}", names(fields(), field_name)},
      {"{{results}}", names(results(), result_name)},
      {"{{results in views}}", names(results(), name_in_views)},
      {"{{rows of fields}}\n", rows_of_fields()},
      {"{{rows of results}}\n", rows_of_results(false)},
      {"{{rows of results in the leaderboard}}\n", rows_of_results(true)}};
  std::string text(kSchemaTemplate);
  for (const auto& [mark, content] : marks) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
      text.replace(at, mark.size(), content);
      at += content.size();
    }
  }
  return text;
}

}  // namespace firesweep
