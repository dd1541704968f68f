#include "shared/codec/json_node.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "shared/base/near_miss.h"

namespace firesweep {
namespace {

constexpr std::size_t kMostMistakes = 20;

std::string unescaped(std::string_view token) {
  std::string key;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    key += escape ? (token[++i] == '1' ? '/' : '~') : token[i];
  }
  return key;
}

// Which member of which member … a pointer names; what is missing comes last.
std::vector<std::size_t> position_of(std::string_view pointer, const Json& tree) {
  std::vector<std::size_t> position;
  const Json* at = &tree;
  while (!pointer.empty() && at != nullptr) {
    pointer.remove_prefix(1);
    const std::string key = unescaped(pointer.substr(0, pointer.find('/')));
    pointer.remove_prefix(std::min(pointer.size(), pointer.find('/')));
    std::size_t index = 0;
    const Json* next = nullptr;
    for (const auto& [name, value] : at->items()) {
      if (name == key) {
        next = &value;
        break;
      }
      ++index;
    }
    position.push_back(index);
    at = next;
  }
  return position;
}

// The number that a text would be without its quotes.
bool is_quoted_number(const Json& json) {
  const auto* text = json.get_ptr<const std::string*>();
  if (text == nullptr || text->empty()) return false;
  double number = 0;
  const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), number);
  return code == std::errc() && end == text->data() + text->size();
}
constexpr const char* kUnquote = "it is text: take the quotes off";

std::string unquote_hint(const Json& json) { return is_quoted_number(json) ? kUnquote : ""; }

// 64.0 and 1e3 are whole numbers as much as 64 and 1000.
std::optional<std::int64_t> whole_of(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
  const auto* real = std::get_if<double>(&value);
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (real == nullptr || *real != std::floor(*real) || std::abs(*real) > kExact) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*real);
}

// What to write where a value misses its field narrowly.
std::string hint_for(const Field& field, const Value& value, const Json& json) {
  if (type_of(field) != FieldType::kText) {
    const auto* text = json.get_ptr<const std::string*>();
    const bool flag = text != nullptr && (*text == "true" || *text == "false") &&
                      type_of(field) == FieldType::kFlag;
    if (flag || is_quoted_number(json)) return kUnquote;
  }
  const auto* real = std::get_if<double>(&value);
  const auto* whole = std::get_if<std::int64_t>(&value);
  if (real == nullptr && whole == nullptr) return {};
  const double number = real != nullptr ? *real : static_cast<double>(*whole);
  if (field.below_max && number == field.max) {
    return "this end is open: write " + to_string(Value(field.max * 0.999));
  }
  if (field.above_min && number == field.min) return "this end is open: write a little more";
  return {};
}

}  // namespace

std::string pointer_token(std::string_view key) {
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

void Mistakes::add(std::string where, std::string what, std::string hint) {
  add(Error{ErrorCode::kBadInput, std::move(where), std::move(what), std::move(hint)});
}

void Mistakes::add(Error error) {
  const bool known = std::any_of(all_.begin(), all_.end(),
                                 [&](const Error& one) { return one.where == error.where; });
  if (known) return;  // what follows from a mistake is none of its own
  if (all_.size() == kMostMistakes) {
    ++more_;
  } else {
    all_.push_back(std::move(error));
  }
}

tl::unexpected<Error> Mistakes::take(std::string_view file_name, const Json* tree,
                                     const Origins& origins) const {
  const std::string file(file_name);
  if (all_.size() == 1) {
    Error error = all_.front();
    error.where = written_at(error.where, file, origins);
    return tl::unexpected<Error>(std::move(error));
  }
  std::vector<Error> sorted = all_;
  if (tree != nullptr) {
    std::stable_sort(sorted.begin(), sorted.end(), [&](const Error& a, const Error& b) {
      return position_of(a.where, *tree) < position_of(b.where, *tree);
    });
  }
  std::string what = more_ > 0 ? "the first " + std::to_string(sorted.size()) + " of " +
                                     std::to_string(sorted.size() + more_) + " mistakes"
                               : std::to_string(sorted.size()) + " mistakes";
  for (Error& error : sorted) {
    error.where = written_at(error.where, {}, origins);  // the file stands before all of them
    what += "\n  " + to_string(error);
  }
  return fail(ErrorCode::kBadInput, file, what);
}

std::string describe(const Json& json) {
  if (json.is_null()) return "null";
  if (json.is_object()) return json.empty() ? "an empty object" : "an object";
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

void JsonNode::refuse(std::string expected, std::string hint) const {
  complain("found " + describe(*json_) + ", expected " + std::move(expected), std::move(hint));
}

void JsonNode::complain(std::string what, std::string hint) const {
  mistakes_->add(pointer_, std::move(what), std::move(hint));
}

std::optional<JsonNode> JsonNode::find(std::string_view key) const {
  if (!json_->is_object()) return std::nullopt;
  const auto it = json_->find(std::string(key));
  if (it == json_->end()) return std::nullopt;
  return JsonNode(*it, pointer_ + "/" + pointer_token(key), *mistakes_);
}

std::optional<JsonNode> JsonNode::need(std::string_view key, std::string_view expected) const {
  auto found = find(key);
  if (!found) {
    mistakes_->add(pointer_ + "/" + pointer_token(key),
                   "missing, expected " + std::string(expected));
  }
  return found;
}

std::vector<std::pair<std::string, JsonNode>> JsonNode::members() const {
  std::vector<std::pair<std::string, JsonNode>> all;
  for (const auto& [key, value] : json_->items()) {
    all.emplace_back(key, JsonNode(value, pointer_ + "/" + pointer_token(key), *mistakes_));
  }
  return all;
}

std::vector<JsonNode> JsonNode::elements(std::string_view expected, std::size_t most) const {
  std::vector<JsonNode> all;
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

bool JsonNode::is_object_of(std::span<const std::string_view> known) const {
  if (!json_->is_object()) {
    refuse("an object");
    return false;
  }
  bool all_known = true;
  for (const auto& [key, node] : members()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    node.complain("unknown key, expected " + one_of(known), did_you_mean(key, known));
    all_known = false;
  }
  return all_known;
}

std::optional<bool> JsonNode::flag() const {
  if (json_->is_boolean()) return json_->get<bool>();
  refuse("true or false");
  return std::nullopt;
}

std::optional<std::int64_t> JsonNode::whole(std::int64_t min, std::int64_t max) const {
  const auto value = value_of(*json_);
  const auto number = value ? whole_of(*value) : std::nullopt;
  if (number && *number >= min && *number <= max) return number;
  refuse("a whole number in [" + std::to_string(min) + ", " + std::to_string(max) + "]",
         unquote_hint(*json_));
  return std::nullopt;
}

std::optional<double> JsonNode::real() const {
  const auto value = value_of(*json_);
  if (value) {
    if (const auto* number = std::get_if<std::int64_t>(&*value)) {
      return static_cast<double>(*number);
    }
    if (const auto* number = std::get_if<double>(&*value)) return *number;
  }
  refuse("a number", unquote_hint(*json_));
  return std::nullopt;
}

std::optional<std::string> JsonNode::text() const {
  if (json_->is_string()) return json_->get<std::string>();
  refuse("text");
  return std::nullopt;
}

std::optional<std::string> JsonNode::word(std::span<const std::string_view> choices) const {
  const auto* found = json_->get_ptr<const std::string*>();
  if (found != nullptr && std::find(choices.begin(), choices.end(), *found) != choices.end()) {
    return *found;
  }
  refuse(one_of(choices), found == nullptr ? std::string() : did_you_mean(*found, choices));
  return std::nullopt;
}

std::optional<Value> JsonNode::scalar() const {
  auto value = value_of(*json_);
  if (!value) refuse("a finite number, text, true or false");
  return value;
}

std::optional<Value> JsonNode::of_field(const Field& field) const {
  auto value = value_of(*json_);
  if (!value) {
    refuse(expected_text(field));
    return std::nullopt;
  }
  if (type_of(field) == FieldType::kWhole) {
    if (const auto whole = whole_of(*value)) value = *whole;
  }
  TrialConfig scratch;
  const auto set = set_field(scratch, field, *value, pointer_);
  if (set) return get_field(scratch, field);
  Error error = set.error();
  if (error.hint.empty()) error.hint = hint_for(field, *value, *json_);
  mistakes_->add(std::move(error));
  return std::nullopt;
}

std::optional<Value> JsonNode::of_former(const Field& field) const {
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

Json single_value(const Value& value) {
  Json json = Json::object();
  json["value"] = json_of(value);
  return json;
}

Json json_of(const std::map<std::string, Value>& values) {
  Json json = Json::object();
  for (const auto& [name, value] : values) json[name] = json_of(value);
  return json;
}

}  // namespace firesweep
