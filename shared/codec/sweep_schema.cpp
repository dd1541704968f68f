#include "shared/codec/sweep_schema.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/duration.h"
#include "shared/codec/bounded_number.h"
#include "shared/codec/domain_codec.h"
#include "shared/codec/json.h"
#include "shared/codec/json_node.h"
#include "shared/codec/json_text.h"
#include "shared/codec/method_codec.h"
#include "shared/codec/point_terms.h"
#include "shared/codec/racing_codec.h"
#include "shared/codec/sweep_keys.h"
#include "shared/codec/sweep_schema_rules.h"
#include "shared/codec/sweep_terms.h"
#include "shared/codec/termination_codec.h"
#include "shared/codec/termination_terms.h"
#include "shared/domain/choices.h"
#include "shared/domain/fields.h"
#include "shared/domain/names.h"
#include "shared/domain/presets.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {
namespace {

Json typed(std::string_view type) { return {{"type", type}}; }

Json whole(std::int64_t min, std::int64_t max) {
  return {{"type", "integer"}, {"minimum", min}, {"maximum", max}};
}

Json text_like(const std::string& pattern) { return {{"type", "string"}, {"pattern", pattern}}; }

Json one_of_words(std::span<const std::string_view> words) {
  Json choices = Json::array();
  for (const std::string_view word : words) choices.push_back(word);
  return {{"enum", std::move(choices)}};
}

Json list_of(Json elements, std::size_t most) {
  Json list = typed("array");
  list["minItems"] = 1;
  list["maxItems"] = most;
  if (!elements.is_null()) list["items"] = std::move(elements);
  return list;
}

Json unique_list_of(Json elements, std::size_t most) {
  Json list = list_of(std::move(elements), most);
  list["uniqueItems"] = true;
  return list;
}

// An object with these members and no others.
Json closed_object(Json members) {
  Json object = typed("object");
  object["properties"] = std::move(members);
  object["additionalProperties"] = false;
  return object;
}

Json reference(const std::string& definition) { return {{"$ref", "#/definitions/" + definition}}; }

// ---- values of parameters

// The definition of a field's values.
std::string value_name(const Field& field) { return "value." + std::string(field.name); }

Json values_of(const Field& field) {
  Json value = Json::object();
  switch (type_of(field)) {
    case FieldType::kFlag:
      value = typed("boolean");
      break;
    case FieldType::kText:
      value = typed("string");
      if (field.choices.empty()) value["minLength"] = 1;
      if (!field.choices.empty()) value = one_of_words(field.choices);
      break;
    case FieldType::kWhole:
    case FieldType::kReal:
      value = typed(type_of(field) == FieldType::kWhole ? "integer" : "number");
      value[field.above_min ? "exclusiveMinimum" : "minimum"] = written(field.min);
      value[field.below_max ? "exclusiveMaximum" : "maximum"] = written(field.max);
      break;
  }
  value["default"] = json_of(get_field(*find_preset("default"), field));
  return value;
}

Json values_of_former(const Field& field) {
  Json held = Json::array();
  for (const auto& [old, now] : field.former.values) held.push_back(json_of(old));
  return {{"enum", std::move(held)}};
}

// What a parameter of the architecture files may be.
Json values_of_arch() { return {{"type", {"boolean", "number", "string"}}}; }

// ---- domains of parameters

// What is drawn of a field or, where it is null, of a parameter of the architecture files.
bool is_inferred(const Distribution& distribution, const Field* field) {
  if (distribution.draws == Draws::kListed) return true;
  if (distribution.name == "uniform")
    return field == nullptr || type_of(*field) == FieldType::kReal;
  return distribution.name == "int_uniform" &&
         (field == nullptr || type_of(*field) == FieldType::kWhole);
}

Json key_of(const Distribution& distribution, std::string_view key, const Field* field) {
  if (key == "value") return true;
  if (key == "values") return list_of(nullptr, kMostElements);
  if (key == "probabilities") {
    return list_of({{"type", "number"}, {"minimum", 0}, {"maximum", 1}}, kMostElements);
  }
  if (distribution.draws == Draws::kWhole) return whole(-kMostDrawn, kMostDrawn);
  if (key == "q" && field != nullptr && type_of(*field) == FieldType::kWhole) {
    return whole(1, kMostDrawn);
  }
  Json number = typed("number");
  const bool end = key == "min" || key == "max";
  const bool in_log = distribution.name.find("log_uniform_values") != std::string_view::npos;
  if (key != "mu" && (!end || in_log)) number["exclusiveMinimum"] = 0;
  return number;
}

Json object_of(const Distribution& distribution, const Field* field) {
  Json members = Json::object();
  Json needed = Json::array();
  members["distribution"] = {{"const", distribution.name}};
  if (!is_inferred(distribution, field)) needed.push_back("distribution");
  for (const std::string_view key : distribution.keys) {
    if (key.empty()) continue;
    members[std::string(key)] = key_of(distribution, key, field);
    if (key != "probabilities") needed.push_back(key);
  }
  Json object = closed_object(std::move(members));
  object["required"] = std::move(needed);
  return object;
}

// The definition of how a field's values are given: the same for all fields that the same
// distributions suit.
std::string domain_name(const Field* field) {
  if (field == nullptr) return "domain.any";
  const auto* q_beta = std::ranges::find(kDistributions, "q_beta", &Distribution::name);
  const std::string fractions = suits(*q_beta, field) ? "" : ".no_beta";
  switch (type_of(*field)) {
    case FieldType::kWhole:
      return "domain.whole" + fractions;
    case FieldType::kReal:
      return "domain.real" + fractions;
    case FieldType::kFlag:
    case FieldType::kText:
      break;
  }
  return "domain.listed";
}

Json domain_of(const Field* field) {
  Json objects = Json::array();
  for (const Distribution& one : kDistributions) {
    if (suits(one, field)) objects.push_back(object_of(one, field));
  }
  return {{"type", "object"}, {"anyOf", std::move(objects)}};
}

// A domain each of whose values is as `value` says.
Json domain_with(const std::string& domain, const Json& value, std::string_view help) {
  Json parameter = Json::object();
  if (!help.empty()) parameter["description"] = help;
  parameter["allOf"] = Json::array({reference(domain)});
  Json& members = parameter["properties"] = Json::object();
  members["value"] = value;
  members["values"] = {{"items", value}};
  if (domain != "domain.listed" && domain != "domain.any") {
    for (const char* const end : {"min", "max"}) members[end] = value;
  }
  if (domain.starts_with("domain.real") || domain.starts_with("domain.whole")) {
    // That of a logarithm is no value.
    const Json in_log = {
        {"properties", {{"distribution", {{"enum", {"log_normal", "q_log_normal"}}}}}},
        {"required", {"distribution"}}};
    Json mean = Json::object();
    mean["anyOf"] = Json::array({in_log, {{"properties", {{"mu", value}}}}});
    parameter["allOf"].push_back(std::move(mean));
  }
  return parameter;
}

std::string help_of(const Field& field) {
  std::string help(field.help);
  if (!field.unit.empty()) help += " In " + std::string(field.unit) + ".";
  return help;
}

Json parameters() {
  Json members = Json::object();
  Json never_both = Json::array();
  for (const Field& field : fields()) {
    members[std::string(field.name)] =
        domain_with(domain_name(&field), reference(value_name(field)), help_of(field));
    if (field.former.name.empty()) continue;
    members[std::string(field.former.name)] = domain_with(
        "domain.listed", values_of_former(field), "Now called " + std::string(field.name) + ".");
    never_both.push_back({{"not", {{"required", {field.name, field.former.name}}}}});
  }
  Json object = closed_object(std::move(members));
  object["patternProperties"] = {
      {std::string(kArchNamePattern), domain_with(domain_name(nullptr), values_of_arch(), "")}};
  object["maxProperties"] = kMaxObjectKeys;
  if (!never_both.empty()) object["allOf"] = std::move(never_both);
  return object;
}

// An object with a member for each parameter, made of what its value may be.
template <class Of>
Json by_parameter(const Of& of) {
  Json members = Json::object();
  for (const Field& field : fields()) {
    members[std::string(field.name)] = of(reference(value_name(field)));
    if (!field.former.name.empty()) {
      members[std::string(field.former.name)] = of(values_of_former(field));
    }
  }
  Json object = closed_object(std::move(members));
  object["patternProperties"] = {{std::string(kArchNamePattern), of(values_of_arch())}};
  object["minProperties"] = 1;
  object["maxProperties"] = kMaxObjectKeys;
  return object;
}

Json exclusion() {
  return by_parameter([](Json value) { return value; });
}

// ---- what a file says about its points

Json parameter_names() {
  Json names = Json::array();
  for (const Field& field : fields()) {
    names.push_back(field.name);
    if (!field.former.name.empty()) names.push_back(field.former.name);
  }
  return {{"anyOf", {{{"enum", std::move(names)}}, text_like(std::string(kArchNamePattern))}}};
}

Json zip() {
  Json group = unique_list_of(parameter_names(), kMostZipped);
  group["minItems"] = 2;
  return list_of(std::move(group), kMostZips);
}

Json one_or_some(const Json& value) {
  return {{"anyOf", {value, unique_list_of(value, kMostConditionValues)}}};
}

// What one parameter's condition asks of others.
Json requirements() { return by_parameter(one_or_some); }

Json conditions() {
  Json object = by_parameter([](const Json&) { return reference("requirements"); });
  object["properties"].erase("variant");  // every trial has one
  return object;
}

// ---- other members of the file

Json name() {
  return {{"type", "string"},
          {"minLength", 1},
          {"maxLength", kLongestName},
          {"pattern", R"(^(?=.*\S)[^\x00-\x1F\x7F]*$)"}};
}

Json metric() {
  Json object =
      closed_object({{"name", one_of_words(kWordsOf<Metric>)}, {"goal", one_of_words(kGoals)}});
  object["required"] = {"name"};
  return object;
}

Json duration() {
  // Seconds are rounded to milliseconds before they are judged.
  constexpr double kHalfMillisecond = 0.0005;
  const double most = seconds_in(kLongestDuration);
  return {{"anyOf",
           {{{"type", "number"},
             {"minimum", kHalfMillisecond},
             {"exclusiveMaximum", most + kHalfMillisecond}},
            text_like(duration_pattern())}}};
}

Json checkpoint() {
  Json object = closed_object(
      {{"every", text_like(every_pattern())},
       {"keep", one_of_words(kKept)},
       {"max_bytes", {{"anyOf", {whole(1, kMostBytes), text_like(max_bytes_pattern())}}}}});
  object["minProperties"] = 1;
  return object;
}

// Names of parameters, of which there may be none.
Json groups() {
  Json names = unique_list_of(parameter_names(), kMostGroupParameters);
  names["minItems"] = 0;
  return names;
}

Json member_of_termination(const TerminationKey& key) {
  Json one = typed("boolean");
  if (key.whole || key.real) {
    one = schema_of(bounds_of(key));
  } else if (!key.flag) {
    one = groups();
  }
  one["description"] = key.help;
  return one;
}

// One object per type, each with its own members.
Json early_terminate() {
  Json types = Json::array();
  for (std::size_t i = 0; i < kWordsOf<Termination>.size(); ++i) {
    const auto type = static_cast<Termination>(i);
    Json members = {{"type", {{"const", to_string(type)}}}};
    Json needed = {"type"};
    for (const TerminationKey& key : termination_keys()) {
      if (!belongs_to(key, type)) continue;
      members[std::string(key.name)] = member_of_termination(key);
      if (key.needed) needed.push_back(key.name);
    }
    types.push_back(closed_object(std::move(members)));
    types.back()["required"] = std::move(needed);
  }
  return {{"type", "object"}, {"anyOf", std::move(types)}};
}

Json member(std::string_view key) {
  for (const WholeKey& one : kWholeKeys) {
    if (one.name == key) return whole(one.min, one.max);
  }
  if (key == "name") return name();
  if (key == "include") return {{"type", "string"}, {"minLength", 1}};
  if (key == "method") return method_schema();
  if (key == "metric") return metric();
  if (key == "order") return one_of_words(kWordsOf<DispatchOrder>);
  if (key == "dataset") return one_of_words(kWordsOf<DatasetName>);
  if (key == "trainer") return one_of_words(kWordsOf<Trainer>);
  if (key == "preset") return one_of_words(preset_names());
  if (key == "parameters") return parameters();
  if (key == "seeds") return unique_list_of(whole(0, kMaxSeed), kMostSeeds);
  if (key == "zip") return zip();
  if (key == "conditions") return conditions();
  if (key == "exclude") return list_of(exclusion(), kMostExclusions);
  if (key == "constraints") return list_of(typed("string"), kMostConstraints);
  if (key == "max_trial_duration") return duration();
  if (key == "checkpoint") return checkpoint();
  if (key == "early_terminate") return early_terminate();
  if (key == "racing") return schema_of_racing(groups());
  if (key == "reuse") return typed("boolean");
  assert(key == "$schema");
  return typed("string");
}

Json definitions() {
  Json all = Json::object();
  all["requirements"] = requirements();
  all[domain_name(nullptr)] = domain_of(nullptr);
  for (const Field& field : fields()) {
    if (!all.contains(domain_name(&field))) all[domain_name(&field)] = domain_of(&field);
  }
  for (const Field& field : fields()) all[value_name(field)] = values_of(field);
  return all;
}

}  // namespace

std::string sweep_schema() {
  Json schema = Json::object();
  schema["$schema"] = "http://json-schema.org/draft-07/schema#";
  schema["title"] = "A sweep file of firesweep";
  Json members = Json::object();
  for (const SweepKey& key : kSweepKeys) {
    Json& one = members[std::string(key.name)] = {{"description", key.help}};
    one.update(member(key.name));
  }
  schema.update(closed_object(std::move(members)));
  schema["allOf"] = rules_between_members();
  schema["definitions"] = definitions();
  return dump_json_lines(schema, 2);
}

}  // namespace firesweep
