#include "shared/codec/point_terms.h"

#include <algorithm>
#include <map>
#include <vector>

#include "shared/domain/conditions.h"
#include "shared/domain/fields.h"

namespace firesweep {
namespace {

std::string now_of(const std::string& name) {
  const Field* successor = find_field(name) == nullptr ? find_successor(name) : nullptr;
  return successor == nullptr ? name : std::string(successor->name);
}

const ValueList* list_of(const SweepSpec& spec, std::string_view name) {
  const auto place = place_of_parameter(spec, name);
  return place ? std::get_if<ValueList>(&spec.parameters[*place].domain) : nullptr;
}

// False with a mistake where no point has that value of a parameter. `use` says what for it stands
// here: "excluded", …
bool some_point_has(const SweepSpec& spec, const ParameterName& understood, const std::string& name,
                    const Value& value, const JsonNode& node, const std::string& use) {
  std::vector<Value> values;
  if (const auto place = place_of_parameter(spec, name)) {
    const auto* list = std::get_if<ValueList>(&spec.parameters[*place].domain);
    if (list == nullptr) {
      node.complain("\"" + name + "\" is drawn from a range, of which no value can be " + use);
      return false;
    }
    values = list->values;
  } else if (understood.field != nullptr) {
    values = {get_field(spec.base, *understood.field)};
  }
  const auto fixed = spec.base.arch_params.find(understood.arch);
  if (values.empty() && fixed != spec.base.arch_params.end()) values = {fixed->second};
  if (std::ranges::any_of(values, [&](const Value& one) { return same_value(one, value); })) {
    return true;
  }
  constexpr std::size_t kMostShown = 20;
  std::string known;
  for (std::size_t i = 0; i < std::min(values.size(), kMostShown); ++i) {
    known += (i == 0 ? "" : ", ") + found_text(values[i]);
  }
  node.refuse(values.empty() ? "a parameter of this sweep" : "a value of this sweep: " + known);
  return false;
}

// ---- zip

class ZipReader {
 public:
  explicit ZipReader(SweepSpec& spec) : spec_(spec) {}

  void read(const JsonNode& node) {
    if (node.json().is_array() && !node.json().empty() && node.json()[0].is_string()) {
      node.refuse("a list of lists of names", "write [" + node.json().dump() + "]");
      return;
    }
    for (const JsonNode& group : node.elements("a list of lists of names", kMostZips)) {
      if (auto names = read_group(group)) spec_.zip.push_back(std::move(*names));
    }
  }

 private:
  std::optional<std::vector<std::string>> read_group(const JsonNode& node) {
    std::vector<std::string> names;
    bool good = true;
    for (const JsonNode& element : node.elements("a list of names", kMostZipped)) {
      const auto name = read_name(element);
      good = good && name.has_value();
      if (name) names.push_back(*name);
    }
    if (!good || names.empty()) return std::nullopt;
    if (names.size() < 2) {
      node.refuse("at least two names: their lists are varied together");
      return std::nullopt;
    }
    return same_length(node, names) && no_twins(node, names) ? std::optional(names) : std::nullopt;
  }

  std::optional<std::string> read_name(const JsonNode& node) {
    const auto text = node.text();
    if (!text) return std::nullopt;
    const auto understood = read_parameter_name(*text, node);
    if (!understood) return std::nullopt;
    std::string name = name_now(*understood, *text);
    const ValueList* list = list_of(spec_, name);
    if (list == nullptr || list->values.size() < 2 || !list->probabilities.empty()) {
      if (node.mistakes().none()) {
        node.refuse(
            "a parameter of this sweep that has \"values\" without \"probabilities\", two or more");
      }
      return std::nullopt;
    }
    if (!taken_.insert(name).second) {
      node.complain("\"" + name + "\" is in \"zip\" already, expected each name once");
      return std::nullopt;
    }
    return name;
  }

  bool same_length(const JsonNode& node, const std::vector<std::string>& names) {
    const std::size_t length = list_of(spec_, names[0])->values.size();
    for (const std::string& name : names) {
      const std::size_t other = list_of(spec_, name)->values.size();
      if (other == length) continue;
      node.complain("found " + std::to_string(length) + " values of \"" + names[0] + "\" and " +
                        std::to_string(other) + " of \"" + name + "\", expected lists as long",
                    "the first values stand together, then the second ones, …");
      return false;
    }
    return true;
  }

  // False with a mistake where the same values stand together twice.
  bool no_twins(const JsonNode& node, const std::vector<std::string>& names) {
    std::map<std::vector<std::string>, std::size_t> seen;
    const std::size_t length = list_of(spec_, names[0])->values.size();
    for (std::size_t at = 0; at < length; ++at) {
      std::vector<std::string> row;
      for (const std::string& name : names) {
        row.push_back(found_text(list_of(spec_, name)->values[at]));
      }
      const auto [first, is_new] = seen.emplace(std::move(row), at);
      if (is_new) continue;
      node.complain("the values at " + std::to_string(first->second) + " and at " +
                    std::to_string(at) + " are the same, expected each row of values once");
      return false;
    }
    return true;
  }

  SweepSpec& spec_;
  std::set<std::string> taken_;
};

// ---- conditions

class ConditionReader {
 public:
  explicit ConditionReader(SweepSpec& spec) : spec_(spec) {}

  void read(const JsonNode& node) {
    if (!node.json().is_object() || node.json().empty()) {
      node.refuse(
          "an object with at least one condition, such as {\"momentum\": {\"optimizer\": "
          "\"sgd\"}}");
      return;
    }
    for (const auto& [name, member] : node.members()) read_one(name, member);
    if (!node.mistakes().none()) return;
    if (!in_order_of_conditions(spec_)) {
      node.complain("found parameters whose conditions lead back to themselves, expected none");
    }
    for (const auto& names : spec_.zip) exist_together(node, names);
  }

 private:
  void read_one(const std::string& name, const JsonNode& node) {
    const auto understood = read_parameter_name(name, node);
    if (!understood) return;
    ParameterCondition condition{name_now(*understood, name), {}};
    if (condition.parameter == "variant") {
      node.complain("found \"variant\", which every trial has, expected another parameter");
      return;
    }
    if (condition_of(spec_, condition.parameter) != nullptr) {
      node.complain("\"" + condition.parameter + "\" is given too, expected each parameter once");
      return;
    }
    if (!place_of_parameter(spec_, condition.parameter)) {
      if (node.mistakes().none()) {
        node.complain("found \"" + name + "\", expected a parameter of this sweep",
                      "give it in \"parameters\"");
      }
      return;
    }
    if (!node.json().is_object() || node.json().empty()) {
      node.refuse("an object with at least one parameter, such as {\"optimizer\": \"sgd\"}");
      return;
    }
    for (const auto& [other, member] : node.members()) read_requirement(other, member, condition);
    spec_.conditions.push_back(std::move(condition));
  }

  void read_requirement(const std::string& name, const JsonNode& node,
                        ParameterCondition& condition) {
    const auto understood = read_parameter_name(name, node);
    if (!understood) return;
    Requirement requirement{name_now(*understood, name), {}};
    std::vector<JsonNode> nodes{node};
    if (node.json().is_array()) nodes = node.elements("a list of values", kMostConditionValues);
    for (const JsonNode& element : nodes) {
      const auto value = read_parameter_value(*understood, element);
      if (!value || !one_more(element)) continue;
      if (std::ranges::any_of(requirement.values,
                              [&](const Value& one) { return same_value(one, *value); })) {
        element.complain("found " + found_text(*value) + " again, expected each value once");
        continue;
      }
      if (element.mistakes().none()) {
        some_point_has(spec_, *understood, requirement.name, *value, element,
                       "named by a condition");
      }
      requirement.values.push_back(*value);
    }
    if (std::ranges::find(condition.where, requirement.name, &Requirement::name) !=
        condition.where.end()) {
      node.complain("\"" + requirement.name + "\" is given too, expected each parameter once");
      return;
    }
    condition.where.push_back(std::move(requirement));
  }

  // Counts a value; false with a mistake where they are too many to be looked up.
  bool one_more(const JsonNode& node) {
    constexpr std::size_t kMostValues = 10'000;  // of all conditions
    if (++values_ <= kMostValues) return true;
    node.complain("found more than 10,000 values in conditions, expected fewer");
    return false;
  }

  static bool same(const ParameterCondition* one, const ParameterCondition* other) {
    if (one == nullptr || other == nullptr) return one == other;
    return std::ranges::equal(
        one->where, other->where, [](const Requirement& a, const Requirement& b) {
          return a.name == b.name && std::ranges::equal(a.values, b.values, same_value);
        });
  }

  void exist_together(const JsonNode& node, const std::vector<std::string>& names) {
    const ParameterCondition* first = condition_of(spec_, names[0]);
    for (const std::string& name : names) {
      if (same(first, condition_of(spec_, name))) continue;
      node.complain("\"" + names[0] + "\" and \"" + name +
                        "\" are in one \"zip\" and exist on different conditions, expected the "
                        "same for both",
                    "write the same condition for each name of the zip, in the same order");
      return;
    }
  }

  SweepSpec& spec_;
  std::size_t values_ = 0;
};

}  // namespace

std::string name_now(const ParameterName& understood, const std::string& name) {
  return understood.field != nullptr ? std::string(understood.field->name) : name;
}

std::set<std::string> names_in_zip(const JsonNode& root) {
  std::set<std::string> names;
  const auto zip = root.find("zip");
  if (!zip || !zip->json().is_array()) return names;
  for (const Json& group : zip->json()) {
    if (!group.is_array()) continue;
    for (const Json& name : group) {
      if (name.is_string()) names.insert(now_of(name.get<std::string>()));
    }
  }
  return names;
}

std::set<std::string> names_with_conditions(const JsonNode& root) {
  std::set<std::string> names;
  const auto conditions = root.find("conditions");
  if (!conditions || !conditions->json().is_object()) return names;
  for (const auto& [name, condition] : conditions->json().items()) names.insert(now_of(name));
  return names;
}

void read_exclude(const JsonNode& root, SweepSpec& spec) {
  const auto node = root.find("exclude");
  if (!node) return;
  for (const JsonNode& element : node->elements("a list of objects", kMostExclusions)) {
    if (!element.json().is_object() || element.json().empty()) {
      element.refuse(
          "an object with at least one parameter, such as {\"variant\": \"v4\", \"lr\": 0.01}");
      continue;
    }
    auto& point = spec.exclude.emplace_back();
    for (const auto& [name, member] : element.members()) {
      const auto understood = read_parameter_name(name, member);
      const auto value = understood ? read_parameter_value(*understood, member) : std::nullopt;
      if (!value) continue;
      const std::string now = name_now(*understood, name);
      if (member.mistakes().none() &&
          !some_point_has(spec, *understood, now, *value, member, "excluded")) {
        continue;
      }
      point[now] = *value;
    }
  }
}

void read_zip(const JsonNode& root, SweepSpec& spec) {
  if (const auto node = root.find("zip")) ZipReader(spec).read(*node);
}

void read_conditions(const JsonNode& root, SweepSpec& spec) {
  if (const auto node = root.find("conditions")) ConditionReader(spec).read(*node);
}

}  // namespace firesweep
