#include "shared/codec/place.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "shared/base/near_miss.h"

namespace firesweep {
namespace {

// A key as a token of a JSON pointer (RFC 6901 §3).
std::string token(std::string_view key) {
  std::string escaped;
  for (const char c : key) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return escaped;
}

}  // namespace

void Mistakes::add(std::string where, std::string what, std::string hint) {
  add(Error{ErrorCode::kBadInput, std::move(where), std::move(what), std::move(hint)});
}

void Mistakes::add(Error error) {
  if (!first_) first_ = std::move(error);
}

tl::unexpected<Error> Mistakes::take(std::string_view file_name) const {
  Error error = *first_;
  if (!file_name.empty()) {
    error.where = std::string(file_name) + (error.where.empty() ? "" : ": " + error.where);
  }
  return tl::unexpected<Error>(std::move(error));
}

std::string describe(const Json& json) {
  if (json.is_null()) return "null";
  if (json.is_object()) return "an object";
  if (json.is_array() && json.empty()) return "an empty list";
  if (json.is_array()) return "a list of " + std::to_string(json.size());
  if (const auto value = value_of(json)) return found_text(*value);
  if (json.is_number_float()) return to_string(Value(json.get<double>()));
  return std::to_string(json.get<std::uint64_t>());
}

std::string one_of(std::span<const std::string_view> words) {
  std::string text = "one of ";
  for (const std::string_view word : words) {
    if (text.back() == '"') text += ", ";
    text += '"' + std::string(word) + '"';
  }
  return text;
}

void Place::refuse(std::string expected, std::string hint) const {
  complain("found " + describe(*json_) + ", expected " + std::move(expected), std::move(hint));
}

void Place::complain(std::string what, std::string hint) const {
  mistakes_->add(pointer_, std::move(what), std::move(hint));
}

std::optional<Place> Place::find(std::string_view key) const {
  if (!json_->is_object()) return std::nullopt;
  const auto it = json_->find(std::string(key));
  if (it == json_->end()) return std::nullopt;
  return Place(*it, pointer_ + "/" + token(key), *mistakes_);
}

std::optional<Place> Place::need(std::string_view key, std::string_view expected) const {
  auto found = find(key);
  if (!found) {
    mistakes_->add(pointer_ + "/" + token(key), "missing, expected " + std::string(expected));
  }
  return found;
}

std::vector<std::pair<std::string, Place>> Place::members() const {
  std::vector<std::pair<std::string, Place>> all;
  for (const auto& [key, value] : json_->items()) {
    all.emplace_back(key, Place(value, pointer_ + "/" + token(key), *mistakes_));
  }
  return all;
}

std::vector<Place> Place::elements(std::string_view expected, std::size_t most) const {
  std::vector<Place> all;
  if (!json_->is_array() || json_->empty()) {
    refuse(std::string(expected));
    return all;
  }
  if (json_->size() > most) {
    refuse("at most " + std::to_string(most));
    return all;
  }
  for (std::size_t i = 0; i < json_->size(); ++i) {
    all.emplace_back((*json_)[i], pointer_ + "/" + std::to_string(i), *mistakes_);
  }
  return all;
}

bool Place::is_object_of(std::span<const std::string_view> known) const {
  if (!json_->is_object()) {
    refuse("an object");
    return false;
  }
  for (const auto& [key, place] : members()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    place.complain("unknown key, expected " + one_of(known), did_you_mean(key, known));
    return false;
  }
  return true;
}

std::optional<bool> Place::flag() const {
  if (json_->is_boolean()) return json_->get<bool>();
  refuse("true or false");
  return std::nullopt;
}

std::optional<std::int64_t> Place::whole(std::int64_t min, std::int64_t max) const {
  const auto value = value_of(*json_);
  const auto* number = value ? std::get_if<std::int64_t>(&*value) : nullptr;
  if (number != nullptr && *number >= min && *number <= max) return *number;
  refuse("a whole number in [" + std::to_string(min) + ", " + std::to_string(max) + "]");
  return std::nullopt;
}

std::optional<double> Place::real() const {
  const auto value = value_of(*json_);
  if (value) {
    if (const auto* number = std::get_if<std::int64_t>(&*value)) {
      return static_cast<double>(*number);
    }
    if (const auto* number = std::get_if<double>(&*value)) return *number;
  }
  refuse("a number");
  return std::nullopt;
}

std::optional<std::string> Place::text() const {
  if (json_->is_string()) return json_->get<std::string>();
  refuse("text");
  return std::nullopt;
}

std::optional<std::string> Place::word(std::span<const std::string_view> choices) const {
  const auto* found = json_->get_ptr<const std::string*>();
  if (found != nullptr && std::find(choices.begin(), choices.end(), *found) != choices.end()) {
    return *found;
  }
  refuse(one_of(choices), found == nullptr ? std::string() : did_you_mean(*found, choices));
  return std::nullopt;
}

std::optional<Value> Place::scalar() const {
  auto value = value_of(*json_);
  if (!value) refuse("a finite number, text, true or false");
  return value;
}

std::optional<Value> Place::of_field(const Field& field) const {
  const auto value = value_of(*json_);
  if (!value) {
    refuse(expected_text(field));
    return std::nullopt;
  }
  TrialConfig scratch;
  const auto set = set_field(scratch, field, *value, pointer_);
  if (set) return get_field(scratch, field);
  mistakes_->add(set.error());
  return std::nullopt;
}

std::optional<Value> Place::of_former(const Field& field) const {
  const auto held = value_of(*json_);
  if (auto now = held ? succeeded(field, *held) : std::nullopt) return now;
  std::string known;
  for (const auto& [old, now] : field.former.values) {
    known += (known.empty() ? "" : ", ") + found_text(old);
  }
  refuse("one of " + known, "\"" + std::string(field.name) + "\" has taken its place");
  return std::nullopt;
}

std::optional<Value> value_of(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean:
      return json.get<bool>();
    case Json::value_t::string:
      return json.get<std::string>();
    case Json::value_t::number_integer:
      return json.get<std::int64_t>();
    case Json::value_t::number_unsigned:
      if (json.get<std::uint64_t>() >
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return std::nullopt;
      }
      return json.get<std::int64_t>();
    case Json::value_t::number_float:
      if (!std::isfinite(json.get<double>())) return std::nullopt;
      return json.get<double>();
    default:
      return std::nullopt;
  }
}

Json json_of(const Value& value) {
  return std::visit([](const auto& held) { return Json(held); }, value);
}

Json json_of(const std::map<std::string, Value>& values) {
  Json json = Json::object();
  for (const auto& [name, value] : values) json[name] = json_of(value);
  return json;
}

}  // namespace firesweep
