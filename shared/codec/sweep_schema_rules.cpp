#include "shared/codec/sweep_schema_rules.h"

#include <string_view>
#include <utility>

#include "shared/domain/choices.h"
#include "shared/domain/methods.h"
#include "shared/domain/presets.h"

namespace firesweep {
namespace {

// Applies where the file's `key` is that word.
Json where(const char* key, std::string_view word) {
  return {{"properties", {{key, {{"const", word}}}}}, {"required", {key}}};
}

// Applies where the file's method is one of those.
Json where_method(bool (*is)(Method)) {
  Json words = Json::array();
  for (const MethodInfo& one : methods()) {
    if (is(one.method)) words.push_back(to_string(one.method));
  }
  const Json word = {{"enum", std::move(words)}};
  const Json named = {{"type", "object"}, {"properties", {{"name", word}}}, {"required", {"name"}}};
  Json method = Json::object();
  method["anyOf"] = Json::array({word, named});
  return {{"properties", {{"method", std::move(method)}}}, {"required", {"method"}}};
}

Json drawing_needs_run_cap() {
  return {{"if", where_method(draws)}, {"then", {{"required", {"run_cap"}}}}};
}

bool spreads_evenly(Method method) { return draws(method) && method != Method::kRandom; }

// Several values with probabilities.
Json weighed() {
  return {{"required", {"probabilities"}}, {"properties", {{"values", {{"minItems", 2}}}}}};
}

Json search_weighs_nothing() {
  return {{"if", where_method(spreads_evenly)},
          {"then",
           {{"properties", {{"parameters", {{"additionalProperties", {{"not", weighed()}}}}}}}}}};
}

Json training_needs_a_dataset() {
  return {{"if", where("trainer", to_string(Trainer::kSimulated))},
          {"else", {{"required", {"dataset"}}}}};
}

// What a file must have that does not include another.
Json needed_without_a_base() {
  Json needed = Json::object();
  needed["required"] = {"method", "parameters"};
  needed["allOf"] = {drawing_needs_run_cap(), training_needs_a_dataset()};
  return {{"if", {{"not", {{"required", {"include"}}}}}}, {"then", std::move(needed)}};
}

// Applies where the protocol, given or the preset's, holds images out, or does not. Where a base is
// included, nobody knows.
Json where_images_are_held_out(bool held_out) {
  Json protocols = Json::array(), presets = Json::array();
  const auto holds_out = [](Protocol protocol) { return protocol == Protocol::kHeldOut; };
  for (std::size_t i = 0; i < kWordsOf<Protocol>.size(); ++i) {
    const auto one = static_cast<Protocol>(i);
    if (holds_out(one) == held_out) protocols.push_back(to_string(one));
  }
  for (const std::string_view name : preset_names()) {
    if (holds_out(find_preset(name)->protocol) == held_out) presets.push_back(name);
  }
  const bool by_default = holds_out(find_preset("default")->protocol) == held_out;
  const Json given = {{"required", {"value"}}, {"properties", {{"value", {{"enum", protocols}}}}}};
  const Json chosen = {
      {"required", {"parameters"}},
      {"properties",
       {{"parameters", {{"required", {"protocol"}}, {"properties", {{"protocol", given}}}}}}}};
  const Json not_given = {
      {"properties", {{"parameters", {{"not", {{"required", {"protocol"}}}}}}}}};
  Json of_preset = {{"properties", {{"preset", {{"enum", presets}}}}}};
  if (!by_default) of_preset["required"] = {"preset"};
  Json either = Json::array();
  either.push_back(chosen);
  either.push_back({{"allOf", Json::array({not_given, of_preset})}});
  return {{"not", {{"required", {"include"}}}}, {"anyOf", std::move(either)}};
}

// Of the values of val_size, and the least that is drawn.
Json every_val_size(const Json& value) {
  const Json values = {
      {"properties", {{"value", value}, {"values", {{"items", value}}}, {"min", value}}}};
  return {{"properties", {{"val_size", values}}}};
}

Json held_out_images_rank() {
  const Json none = {{"not", {{"const", 0}}}};
  const Json metric = {{"properties", {{"name", {{"const", to_string(Metric::kValAccuracy)}}}}}};
  return {{"if", where_images_are_held_out(true)},
          {"then", {{"properties", {{"parameters", every_val_size(none)}, {"metric", metric}}}}}};
}

Json test_images_rank() {
  const Json metric = {{"properties", {{"name", {{"const", to_string(Metric::kTestAccuracy)}}}}}};
  return {{"if", where_images_are_held_out(false)},
          {"then",
           {{"required", {"metric"}},
            {"properties", {{"parameters", every_val_size({{"const", 0}})}, {"metric", metric}}}}}};
}

// Neither ranges nor several values with probabilities.
Json grid_draws_nothing() {
  Json draws = Json::array();
  draws.push_back({{"required", {"min"}}});
  draws.push_back({{"required", {"mu"}}});
  draws.push_back({{"required", {"a"}}});
  draws.push_back(weighed());
  const Json listed = {{"not", {{"anyOf", std::move(draws)}}}};
  return {{"if", where_method([](Method method) { return method == Method::kGrid; })},
          {"then", {{"properties", {{"parameters", {{"additionalProperties", listed}}}}}}}};
}

// Where none is zipped with another, a parameter's list has no value twice.
Json each_value_once() {
  Json list = Json::object();
  list["properties"] = {{"values", {{"uniqueItems", true}}}};
  return {{"if", {{"not", {{"required", {"zip"}}}}}},
          {"then", {{"properties", {{"parameters", {{"additionalProperties", list}}}}}}}};
}

Json learning_takes_one_amp() {
  const Json one = {{"properties", {{"values", {{"maxItems", 1}}}}}};
  Json rule = Json::object();
  rule["parameters"] = {{"properties", {{"amp", one}}}};
  rule["conditions"] = {{"not", {{"required", {"amp"}}}}};
  return {{"if", where_method(learns)}, {"then", {{"properties", std::move(rule)}}}};
}

Json learning_does_not_race() {
  return {{"if", where_method(learns)}, {"then", {{"not", {{"required", {"racing"}}}}}}};
}

// Applies where the file's early_terminate is of that kind.
Json where_terminations(Json rules) {
  return {{"properties", {{"early_terminate", std::move(rules)}}},
          {"required", {"early_terminate"}}};
}

Json racing_promotes_nothing() {
  const Json promotes = {{"properties", {{"promotion", {{"const", true}}}}},
                         {"required", {"promotion"}}};
  return {{"if", {{"required", {"racing"}}}}, {"then", {{"not", where_terminations(promotes)}}}};
}

Json learning_waits_for_no_others() {
  const Json phases = {{"properties",
                        {{"type", {{"const", to_string(Termination::kOneEpochTopK)}}},
                         {"promotion", {{"const", true}}}}},
                       {"required", {"type", "promotion"}}};
  return {{"if", where_method(learns)}, {"then", {{"not", where_terminations(phases)}}}};
}

}  // namespace

Json rules_between_members() {
  return {grid_draws_nothing(),
          search_weighs_nothing(),
          learning_takes_one_amp(),
          each_value_once(),
          learning_does_not_race(),
          racing_promotes_nothing(),
          learning_waits_for_no_others(),
          held_out_images_rank(),
          test_images_rank(),
          needed_without_a_base()};
}

}  // namespace firesweep
