#include "shared/codec/sweep_place.h"

#include <charconv>
#include <string>
#include <utility>

#include "shared/codec/document.h"
#include "shared/codec/json_node.h"
#include "shared/domain/fields.h"

namespace firesweep {
namespace {

// The member or element that a pointer's token names, or null.
const Json* child(const Json& json, std::string_view token) {
  if (json.is_array()) {
    std::size_t at = 0;
    const auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), at);
    const bool number = code == std::errc() && end == token.data() + token.size();
    return number && at < json.size() ? &json[at] : nullptr;
  }
  if (!json.is_object()) return nullptr;
  for (const auto& [key, value] : json.items()) {
    if (pointer_token(key) == token) return &value;
  }
  return nullptr;
}

// How else a token's member may be written.
std::string other_name(std::string_view token) {
  if (token == "value") return "values";
  if (token == "values") return "value";
  const Field* field = find_field(token);
  return std::string(field == nullptr ? std::string_view() : field->former.name);
}

std::string place_in_file(std::string_view pointer, std::string_view text,
                          std::string_view file_name, const Origins& origins) {
  const auto tree = parse_document(text, file_name);
  if (!tree) return written_at(pointer, file_name, origins);
  std::string place;
  const Json* at = &*tree;
  while (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    std::string token(pointer.substr(0, pointer.find('/')));
    pointer.remove_prefix(token.size());
    const Json* next = child(*at, token);
    if (next == nullptr) {
      token = other_name(token);
      next = token.empty() ? nullptr : child(*at, token);
    }
    if (next == nullptr) break;
    place += "/" + token;
    at = next;
    if (token == "values" && pointer.empty() && at->is_array() && at->size() == 1) pointer = "/0";
  }
  return written_at(place, file_name, origins);
}

}  // namespace

Error placed_in_file(Error error, std::string_view text, std::string_view file_name,
                     const Origins& origins) {
  if (error.where.starts_with('/')) {
    error.where = place_in_file(error.where, text, file_name, origins);
  }
  return error;
}

}  // namespace firesweep
