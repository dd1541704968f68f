#include "shared/codec/sweep_schema.h"

#include <cassert>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "shared/base/clock.h"
#include "shared/base/duration.h"
#include "shared/codec/bounded_number.h"
#include "shared/codec/json.h"
#include "shared/codec/json_text.h"
#include "shared/codec/method_codec.h"
#include "shared/codec/point_terms.h"
#include "shared/codec/racing_codec.h"
#include "shared/codec/sweep_keys.h"
#include "shared/codec/sweep_schema_parameters.h"
#include "shared/codec/sweep_schema_parts.h"
#include "shared/codec/sweep_schema_rules.h"
#include "shared/codec/sweep_terms.h"
#include "shared/codec/termination_codec.h"
#include "shared/codec/termination_terms.h"
#include "shared/domain/choices.h"
#include "shared/domain/constraint.h"
#include "shared/domain/names.h"
#include "shared/domain/presets.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {
namespace {

using namespace schema;  // the parts of one schema

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

Json constraint() {
  Json text = text_like(constraint_pattern());
  text["maxLength"] = kLongestConstraint;
  return text;
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
  if (key == "constraints") return list_of(constraint(), kMostConstraints);
  if (key == "max_trial_duration") return duration();
  if (key == "checkpoint") return checkpoint();
  if (key == "early_terminate") return early_terminate();
  if (key == "racing") return schema_of_racing(groups());
  if (key == "reuse") return typed("boolean");
  assert(key == "$schema");
  return typed("string");
}

}  // namespace

std::string sweep_schema() {
  Json file = Json::object();
  file["$schema"] = "http://json-schema.org/draft-07/schema#";
  file["title"] = "A sweep file of firesweep";
  Json members = Json::object();
  for (const SweepKey& key : kSweepKeys) {
    Json& one = members[std::string(key.name)] = {{"description", key.help}};
    one.update(member(key.name));
  }
  file.update(closed_object(std::move(members)));
  file["allOf"] = rules_between_members();
  file["definitions"] = parameter_definitions();
  return dump_json_lines(file, 2);
}

}  // namespace firesweep
