// The field table: each hyperparameter declared once. It drives decoding, validation, the wire, the
// hashes, the documentation, the store's columns and `firesweep explain`.
//
// A new hyperparameter is a member of TrialConfig and an entry of the table. One rule keeps the
// meaning of files and builds that do not know it: a field that version 1 did not have is left out
// of hashes, frozen sweeps and assignments if it has its value `before`, and a text without the
// field means that value. So equal work keeps its hash, and an older checkpoint its trial.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/trial_config.h"
#include "shared/domain/value.h"

namespace firesweep {

// The member of TrialConfig; the alternative is its type.
using FieldMember =
    std::variant<bool TrialConfig::*, std::int64_t TrialConfig::*, double TrialConfig::*,
                 std::string TrialConfig::*, Protocol TrialConfig::*>;

// A field that was replaced by another. A text with the former field is read as the successor. If
// the successor has one of these values, texts for other builds still use the former field. A
// config with both fields was written by a build that had both: the successor counts unless it has
// its value `before`.
struct FormerField {
  std::string_view name = {};                        // empty: there was none
  std::vector<std::pair<Value, Value>> values = {};  // what it held, what its successor holds
};

struct Field {
  std::string_view name;
  FieldMember member;
  double min = -std::numeric_limits<double>::infinity();  // inclusive; numbers only
  double max = std::numeric_limits<double>::infinity();   // inclusive
  std::vector<std::string_view> choices =
      {};                      // text only; empty: any text (the architecture's name)
  std::string_view unit = {};  // "epochs", "images", "" …
  std::string_view help = {};  // one sentence
  bool above_min = false;      // `min` itself is not allowed
  bool below_max = false;      // `max` itself is not allowed
  bool is_share = false;       // below 1 a fraction of something; from 1 on a count, thus whole
  // The version of the rules (presets.h) that introduced it; the table sets 1 for those of
  // version 1.
  int since = 2;
  // The value that corresponds to sweeps which were submitted without the field. If an entry does
  // not give it, the table takes the default. Give it before the default changes.
  std::optional<Value> before = {};
  FormerField former = {};
};

// The type of a field's values in files, database and wire.
enum class FieldType { kFlag, kWhole, kReal, kText };
FieldType type_of(const Field& field);

// Every field, in the order in which they are listed.
std::span<const Field> fields();

// The field of that name, or null.
const Field* find_field(std::string_view name);

// The field that replaced the field of that name, or null.
const Field* find_successor(std::string_view former);

// The successor's value for the value `held` of its former field, or nothing if that could not have
// this value. Pure.
std::optional<Value> succeeded(const Field& field, const Value& held);

// The names of the fields that version 1 did not have. A worker sends them to say what it knows.
std::vector<std::string> newer_fields();

// Every field in the order of texts that older builds write and read: first those of version 1 in
// their order (with successors in place of former fields), then the newer ones by name.
std::span<const Field* const> fields_as_written();

// A value of a field as such a text has it: under the name of its former field if that could hold
// the value. Nothing if the text leaves it out.
struct Written {
  std::string_view name;
  Value value;
};
std::optional<Written> written(const Field& field, const Value& value);

// For tests of older texts: replaces the table during its lifetime. `first` names the fields of
// version 1, in the order of hashes. Not thread-safe.
class OtherFields {
 public:
  OtherFields(std::vector<Field> fields, std::vector<std::string_view> first);
  OtherFields(const OtherFields&) = delete;
  OtherFields& operator=(const OtherFields&) = delete;
  ~OtherFields();
};

// Reads a field of a config.
Value get_field(const TrialConfig& config, const Field& field);

// Sets a field after checking type and limits; a whole number is accepted for a real field. The
// error names `where`, what was found and what was expected; the config is then unchanged.
Result<void> set_field(TrialConfig& config, const Field& field, const Value& value,
                       std::string_view where);

// Whether a field of real numbers may have this one; false for other fields. Pure.
bool may_have(const Field& field, double number);

// The allowed values, for messages: "a number in [0, 1)", "one of \"adamw\", \"sgd\"", …
std::string expected_text(const Field& field);

// A value, for messages: "true", "15", "\"v3\"".
std::string found_text(const Value& value);

}  // namespace firesweep
