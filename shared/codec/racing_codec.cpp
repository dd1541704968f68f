#include "shared/codec/racing_codec.h"

#include <utility>

#include "shared/codec/termination_terms.h"

namespace firesweep {

std::optional<Racing> read_racing(const JsonNode& node) {
  if (!node.json().is_object()) {
    node.refuse("an object, such as {\"top\": 3}", "`firesweep explain racing` explains it");
    return std::nullopt;
  }
  if (!node.is_object_of(kRacingKeys)) return std::nullopt;
  Racing rules;
  const auto top = node.need("top", "the number of points that are looked for");
  if (top) rules.top = top->whole(1, kMostTop).value_or(1);
  if (const auto member = node.find("level")) {
    rules.level = read_number(*member, kLevelBounds).value_or(rules.level);
  }
  if (const auto member = node.find("group_by")) rules.group_by = read_groups(*member);
  return rules;
}

Json schema_of_racing(Json groups) {
  Json members = Json::object();
  members["top"] = {{"type", "integer"},
                    {"minimum", 1},
                    {"maximum", kMostTop},
                    {"description", "Of each group so many points are looked for."}};
  members["level"] = schema_of(kLevelBounds);
  members["level"]["description"] =
      "The largest chance that one of them gets no further seeds; by default 0.05.";
  groups["description"] =
      "Points are compared with those that have the same values of these parameters; by default "
      "[\"variant\"].";
  members["group_by"] = std::move(groups);
  Json object = Json::object();
  object["type"] = "object";
  object["properties"] = std::move(members);
  object["additionalProperties"] = false;
  object["required"] = {"top"};
  return object;
}

Json json_of(const Racing& rules) {
  Json json = Json::object();
  json["top"] = rules.top;
  json["level"] = rules.level;
  json["group_by"] = rules.group_by;
  return json;
}

}  // namespace firesweep
