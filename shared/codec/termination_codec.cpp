#include "shared/codec/termination_codec.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "shared/codec/parameter_codec.h"
#include "shared/codec/termination_terms.h"
#include "shared/domain/value.h"

namespace firesweep {
namespace {

using enum Termination;

constexpr double kLatestEpoch = 1e6;
constexpr TerminationKey kTerminationKeys[] = {
    {"min_iter",
     "The first epoch at which a trial may be stopped; by default a third of its epochs, past the "
     "warm-up, and with one_epoch_top_k the first one.",
     {},
     true,
     false,
     1,
     kLatestEpoch},
    {"eta",
     "One trial in eta goes on from each rung; the rungs are at most a factor of eta apart.",
     {kAsha, kHyperband},
     false,
     true,
     1,
     100,
     true},
    {.name = "promotion",
     .help =
         "Whether trials wait at their rung, with their checkpoint, and the best ones are promoted "
         "when a worker is free; by default false: a trial is stopped for good when it comes there "
         "and is not among the best. With one_epoch_top_k the best k go on once all have come.",
     .types = {kAsha, kOneEpochTopK},
     .flag = true},
    {"min_others",
     "How many other trials must have come as far before a trial is compared with them.",
     {kMedian},
     true,
     false,
     1,
     kLatestEpoch},
    {"at_least",
     "The accuracy, as a fraction, that a trial must have from min_iter on.",
     {kThreshold},
     false,
     true,
     0,
     1,
     false,
     true},
    {"patience",
     "A trial is stopped when it has not improved for so many epochs.",
     {kPlateau},
     true,
     false,
     1,
     kLatestEpoch},
    {"min_delta",
     "What must be gained to count as an improvement, as a fraction.",
     {kPlateau},
     false,
     true,
     0,
     1},
    {"k",
     "A trial goes on if it is among the best k that have trained as far.",
     {kOneEpochTopK},
     true,
     false,
     1,
     kLatestEpoch},
    {"group_by",
     "Trials are compared with those that have the same values of these parameters; by default "
     "[\"variant\"], so that small networks are not stopped for being small."},
};

void set(EarlyTermination& rules, std::string_view key, double number) {
  const auto whole = std::llround(number);
  if (key == "min_iter") rules.min_iter = whole;
  if (key == "eta") rules.eta = number;
  if (key == "min_others") rules.min_others = whole;
  if (key == "at_least") rules.at_least = number;
  if (key == "patience") rules.patience = whole;
  if (key == "min_delta") rules.min_delta = number;
  if (key == "k") rules.k = whole;
}

}  // namespace

std::vector<std::string> read_groups(const JsonNode& node) {
  std::vector<std::string> names;
  if (node.json().is_array() && node.json().empty()) return names;
  for (const JsonNode& element :
       node.elements("a list of parameters, such as [\"variant\"]", kMostGroupParameters)) {
    const auto name = element.text();
    const auto parameter = name ? read_parameter_name(*name, element) : std::nullopt;
    if (!parameter) continue;
    const std::string now =
        parameter->field != nullptr ? std::string(parameter->field->name) : *name;
    if (std::ranges::find(names, now) != names.end()) {
      element.complain("found \"" + now + "\" again, expected each parameter once");
      continue;
    }
    names.push_back(now);
  }
  return names;
}

std::span<const TerminationKey> termination_keys() { return kTerminationKeys; }

NumberBounds bounds_of(const TerminationKey& key) {
  return {key.whole, key.min, key.max, key.above};
}

bool belongs_to(const TerminationKey& key, Termination type) {
  if (!key.types.front()) return true;
  return std::ranges::find(key.types, std::optional(type)) != key.types.end();
}

std::optional<EarlyTermination> read_early_terminate(const JsonNode& node) {
  if (!node.json().is_object()) {
    node.refuse("an object, such as {\"type\": \"asha\", \"eta\": 3}",
                "`firesweep explain early_terminate` explains it");
    return std::nullopt;
  }
  const auto type_node = node.need("type", one_of(kWordsOf<Termination>));
  const auto type = type_node ? type_node->choice<Termination>() : std::nullopt;
  if (!type) return std::nullopt;
  EarlyTermination rules;
  rules.type = *type;
  std::vector<std::string_view> known{"type"};
  for (const TerminationKey& key : kTerminationKeys) {
    if (belongs_to(key, *type)) known.push_back(key.name);
  }
  if (!node.is_object_of(known)) return std::nullopt;
  for (const TerminationKey& key : kTerminationKeys) {
    if (!belongs_to(key, *type)) continue;
    const auto member =
        key.needed ? node.need(key.name, text_of(bounds_of(key))) : node.find(key.name);
    if (!member) continue;
    if (key.flag) {
      rules.promotion = member->flag().value_or(false);
    } else if (key.whole || key.real) {
      if (const auto number = read_number(*member, bounds_of(key))) set(rules, key.name, *number);
    } else {
      rules.group_by = read_groups(*member);
    }
  }
  return rules;
}

Json json_of(const EarlyTermination& rules) {
  Json json = Json::object();
  json["type"] = to_string(rules.type);
  if (rules.min_iter) json["min_iter"] = *rules.min_iter;
  if (rules.type == kAsha || rules.type == kHyperband) json["eta"] = rules.eta;
  if (rules.promotion) json["promotion"] = true;  // false is not written: older hashes stay
  if (rules.type == kMedian) json["min_others"] = rules.min_others;
  if (rules.type == kThreshold) json["at_least"] = rules.at_least;
  if (rules.type == kPlateau) {
    json["patience"] = rules.patience;
    json["min_delta"] = rules.min_delta;
  }
  if (rules.type == kOneEpochTopK) json["k"] = rules.k;
  json["group_by"] = rules.group_by;
  return json;
}

}  // namespace firesweep
