// Internal to the codec room: small schemas of which the JSON Schema of sweep files is made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "shared/codec/json.h"

namespace firesweep::schema {

inline Json typed(std::string_view type) { return {{"type", type}}; }

inline Json whole(std::int64_t min, std::int64_t max) {
  return {{"type", "integer"}, {"minimum", min}, {"maximum", max}};
}

inline Json text_like(const std::string& pattern) {
  return {{"type", "string"}, {"pattern", pattern}};
}

inline Json one_of_words(std::span<const std::string_view> words) {
  Json choices = Json::array();
  for (const std::string_view word : words) choices.push_back(word);
  return {{"enum", std::move(choices)}};
}

inline Json list_of(Json elements, std::size_t most) {
  Json list = typed("array");
  list["minItems"] = 1;
  list["maxItems"] = most;
  if (!elements.is_null()) list["items"] = std::move(elements);
  return list;
}

inline Json unique_list_of(Json elements, std::size_t most) {
  Json list = list_of(std::move(elements), most);
  list["uniqueItems"] = true;
  return list;
}

// An object with these members and no others.
inline Json closed_object(Json members) {
  Json object = typed("object");
  object["properties"] = std::move(members);
  object["additionalProperties"] = false;
  return object;
}

inline Json reference(const std::string& definition) {
  return {{"$ref", "#/definitions/" + definition}};
}

}  // namespace firesweep::schema
