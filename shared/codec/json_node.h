// Reading a tree with its places: every reader checks type and bounds and says where it was, what
// it found and what it expected. Internal to the codec room.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/base/origins.h"
#include "shared/codec/json.h"
#include "shared/domain/choices.h"
#include "shared/domain/fields.h"
#include "shared/domain/value.h"

namespace firesweep {

// Keeps the mistakes of a decode, one a place, up to a bound. One thread.
class Mistakes {
 public:
  void add(std::string where, std::string what, std::string hint = {});
  void add(Error error);
  bool none() const { return all_.empty(); }
  // The mistakes as one error, in the order of the file where its `tree` is given: a single one by
  // itself, several as "3 mistakes" with a line each. Places are prefixed with the file's name
  // where there is one, and told where the user wrote them (origins.h). Call only where there is a
  // mistake.
  tl::unexpected<Error> take(std::string_view file_name, const Json* tree = nullptr,
                             const Origins& origins = {}) const;

 private:
  std::vector<Error> all_;
  std::size_t more_ = 0;  // beyond the bound
};

// A key as a token of a JSON pointer (RFC 6901 §3).
std::string pointer_token(std::string_view key);

// "\"v3\"", "0.5", "a list of 3", "an object", "an empty object", "null".
std::string describe(const Json& json);

// "one of \"a\", \"b\"".
std::string one_of(std::span<const std::string_view> words);

// The most elements of a list that names no bound of its own.
inline constexpr std::size_t kMostElements = 10'000;

// A value of a tree and its JSON pointer. Readers return nothing after a mistake, which they add. A
// view: the tree and the mistakes outlive it. One thread.
class JsonNode {
 public:
  JsonNode(const Json& json, std::string pointer, Mistakes& mistakes)
      : json_(&json), pointer_(std::move(pointer)), mistakes_(&mistakes) {}

  const Json& json() const { return *json_; }
  const std::string& pointer() const { return pointer_; }
  Mistakes& mistakes() const { return *mistakes_; }

  // Adds "found …, expected EXPECTED" at this place.
  void refuse(std::string expected, std::string hint = {}) const;
  // Adds any other sentence at this place.
  void complain(std::string what, std::string hint = {}) const;

  // The member of that key, or nothing where it is absent; no mistake either way. For objects.
  std::optional<JsonNode> find(std::string_view key) const;
  // The member of that key; absence is a mistake.
  std::optional<JsonNode> need(std::string_view key, std::string_view expected) const;
  // Every member with its key, in the file's order. For objects.
  std::vector<std::pair<std::string, JsonNode>> members() const;
  // Every element of a list; an empty list, one above `most`, or no list is a mistake.
  std::vector<JsonNode> elements(std::string_view expected, std::size_t most = kMostElements) const;

  // False with a mistake where this is no object, and with one for each key that is not among
  // `known` (near miss given).
  bool is_object_of(std::span<const std::string_view> known) const;

  std::optional<bool> flag() const;
  // 64.0 and 1e3 are whole too.
  std::optional<std::int64_t> whole(std::int64_t min, std::int64_t max) const;
  std::optional<double> real() const;  // finite
  std::optional<std::string> text() const;
  std::optional<std::string> word(std::span<const std::string_view> choices) const;
  template <Choice T>
  std::optional<T> choice() const {
    const auto found = word(kWordsOf<T>);
    return found ? find_choice<T>(*found) : std::nullopt;
  }
  std::optional<Value> scalar() const;  // bool, int64, finite double or text
  // A value of the field, as the field's type holds it.
  std::optional<Value> of_field(const Field& field) const;
  // What a value of the field's former one stands for.
  std::optional<Value> of_former(const Field& field) const;

 private:
  const Json* json_;
  std::string pointer_;
  Mistakes* mistakes_;
};

// Reads a scalar without a place: nothing for null, lists, objects, NaN, infinities and integers
// above 63 bits.
std::optional<Value> value_of(const Json& json);
Json json_of(const Value& value);
Json single_value(const Value& value);  // {"value": value}
Json json_of(const std::map<std::string, Value>& values);

}  // namespace firesweep
