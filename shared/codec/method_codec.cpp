#include "shared/codec/method_codec.h"

#include <string>
#include <utility>
#include <vector>

#include "shared/codec/bounded_number.h"
#include "shared/codec/parameter_codec.h"
#include "shared/domain/methods.h"

namespace firesweep {
namespace {

NumberBounds bounds_of(const SearchSetting& setting) {
  return {setting.whole, setting.min, setting.max, setting.above};
}

void read_name(const JsonNode& node, ReadMethod& read) {
  if (node.json() == "bayes") {
    node.complain("found \"bayes\", expected " + one_of(kWordsOf<Method>),
                  "write \"tpe\" or \"gp\"; `firesweep explain method` tells when to use which");
    read.draws = true;
    return;
  }
  read.method = node.choice<Method>();
  read.draws = read.method && draws(*read.method);
}

void read_settings(const JsonNode& node, Method method, SearchSettings& settings) {
  std::vector<std::string_view> known{"name"};
  for (const SearchSetting& one : search_settings(method)) known.push_back(one.name);
  if (!node.is_object_of(known)) return;
  for (const SearchSetting& one : search_settings(method)) {
    const auto member = node.find(one.name);
    const auto number = member ? read_number(*member, bounds_of(one)) : std::nullopt;
    if (number && *number != one.usual) settings.emplace(one.name, *number);
  }
  if (method != Method::kEvolution || !node.mistakes().none()) return;
  const double sample = setting_of(method, settings, "sample_size");
  const double population = setting_of(method, settings, "population_size");
  if (sample <= population) return;
  node.complain("found a sample_size of " + to_string(Value(sample)) + ", expected at most the " +
                    to_string(Value(population)) + " of population_size",
                "a parent is the best of sample_size trials of the population");
}

}  // namespace

ReadMethod read_method(const JsonNode& node) {
  ReadMethod read;
  if (!node.json().is_object()) {
    read_name(node, read);
    return read;
  }
  if (const auto name = node.need("name", one_of(kWordsOf<Method>))) read_name(*name, read);
  if (read.method) read_settings(node, *read.method, read.settings);
  return read;
}

Json json_of(Method method, const SearchSettings& settings) {
  if (settings.empty()) return to_string(method);
  Json json = Json::object();
  json["name"] = to_string(method);
  for (const auto& [name, number] : settings) json[name] = written(number);
  return json;
}

Json method_schema() {
  Json forms = Json::array();
  Json words = Json::array();
  for (const std::string_view word : kWordsOf<Method>) words.push_back(word);
  forms.push_back({{"enum", std::move(words)}});
  for (const MethodInfo& info : methods()) {
    Json members = {{"name", {{"const", to_string(info.method)}}}};
    for (const SearchSetting& one : search_settings(info.method)) {
      Json member = schema_of(bounds_of(one));
      member["default"] = written(one.usual);
      member["description"] = one.help;
      members[std::string(one.name)] = std::move(member);
    }
    forms.push_back({{"type", "object"},
                     {"properties", std::move(members)},
                     {"required", {"name"}},
                     {"additionalProperties", false}});
  }
  return {{"anyOf", std::move(forms)}};
}

}  // namespace firesweep
