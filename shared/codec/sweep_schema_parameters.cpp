#include "shared/codec/sweep_schema_parameters.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "shared/codec/bounded_number.h"
#include "shared/codec/domain_codec.h"
#include "shared/codec/json_node.h"
#include "shared/codec/parameter_codec.h"
#include "shared/codec/point_terms.h"
#include "shared/codec/sweep_schema_parts.h"
#include "shared/domain/fields.h"
#include "shared/domain/presets.h"

namespace firesweep::schema {
namespace {

// ---- values of parameters

// The definition of a field's values.
std::string value_name(const Field& field) { return "value." + std::string(field.name); }

Json bounded(const Field& field) {
  Json number = typed(type_of(field) == FieldType::kWhole ? "integer" : "number");
  number[field.above_min ? "exclusiveMinimum" : "minimum"] = written(field.min);
  number[field.below_max ? "exclusiveMaximum" : "maximum"] = written(field.max);
  return number;
}

// A fraction, or a count.
Json share_of(const Field& field) {
  Json share = bounded(field);
  share["anyOf"] = Json::array({{{"exclusiveMaximum", 1}}, typed("integer")});
  return share;
}

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
      value = field.is_share ? share_of(field) : bounded(field);
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

// A domain each of whose values is as `value` says, and each end of a range as `end`.
Json domain_with(const std::string& domain, const Json& value, const Json& end,
                 std::string_view help) {
  Json parameter = Json::object();
  if (!help.empty()) parameter["description"] = help;
  parameter["allOf"] = Json::array({reference(domain)});
  Json& members = parameter["properties"] = Json::object();
  members["value"] = value;
  members["values"] = {{"items", value}};
  if (domain != "domain.listed" && domain != "domain.any") {
    for (const char* const key : {"min", "max"}) members[key] = end;
  }
  if (domain.starts_with("domain.real") || domain.starts_with("domain.whole")) {
    // That of a logarithm is no value.
    const Json in_log = {
        {"properties", {{"distribution", {{"enum", {"log_normal", "q_log_normal"}}}}}},
        {"required", {"distribution"}}};
    Json mean = Json::object();
    mean["anyOf"] = Json::array({in_log, {{"properties", {{"mu", end}}}}});
    parameter["allOf"].push_back(std::move(mean));
  }
  return parameter;
}

std::string help_of(const Field& field) {
  std::string help(field.help);
  if (!field.unit.empty()) help += " In " + std::string(field.unit) + ".";
  return help;
}

// What is drawn evenly between such ends, or about such a mean, is no count. Of other distributions
// it is seen in what they draw alone.
Json draws_fractions() {
  Json about = Json::array();
  for (const Distribution& one : kDistributions) {
    if (one.draws == Draws::kReal && (one.keys[0] == "min" || one.name == "normal")) {
      about.push_back(one.name);
    }
  }
  const Json below_one = {{"exclusiveMaximum", 1}};
  return {{"if", {{"properties", {{"distribution", {{"enum", std::move(about)}}}}}}},
          {"then", {{"properties", {{"max", below_one}, {"mu", below_one}}}}}};
}

Json parameter_of(const Field& field) {
  const Json value = reference(value_name(field));
  Json parameter = domain_with(domain_name(&field), value, field.is_share ? bounded(field) : value,
                               help_of(field));
  if (field.is_share) parameter["allOf"].push_back(draws_fractions());
  return parameter;
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

Json one_or_some(const Json& value) {
  return {{"anyOf", {value, unique_list_of(value, kMostConditionValues)}}};
}

// What one parameter's condition asks of others.
Json requirements() { return by_parameter(one_or_some); }

}  // namespace

Json parameters() {
  Json members = Json::object();
  Json never_both = Json::array();
  for (const Field& field : fields()) {
    members[std::string(field.name)] = parameter_of(field);
    if (field.former.name.empty()) continue;
    members[std::string(field.former.name)] =
        domain_with("domain.listed", values_of_former(field), nullptr,
                    "Now called " + std::string(field.name) + ".");
    never_both.push_back({{"not", {{"required", {field.name, field.former.name}}}}});
  }
  Json object = closed_object(std::move(members));
  object["patternProperties"] = {
      {std::string(kArchNamePattern),
       domain_with(domain_name(nullptr), values_of_arch(), nullptr, "")}};
  object["maxProperties"] = kMaxObjectKeys;
  if (!never_both.empty()) object["allOf"] = std::move(never_both);
  return object;
}

Json exclusion() {
  return by_parameter([](Json value) { return value; });
}

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

Json conditions() {
  Json object = by_parameter([](const Json&) { return reference("requirements"); });
  object["properties"].erase("variant");  // every trial has one
  return object;
}

Json parameter_definitions() {
  Json all = Json::object();
  all["requirements"] = requirements();
  all[domain_name(nullptr)] = domain_of(nullptr);
  for (const Field& field : fields()) {
    if (!all.contains(domain_name(&field))) all[domain_name(&field)] = domain_of(&field);
  }
  for (const Field& field : fields()) all[value_name(field)] = values_of(field);
  return all;
}

}  // namespace firesweep::schema
