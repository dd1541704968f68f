// The field table: each hyperparameter declared once. It drives decoding, validation, the wire, the
// hashes, the documentation, the store's columns and `firesweep explain`.
//
// A new hyperparameter is a member of TrialConfig and an entry of the table. Files and builds that
// do not know it keep their meaning by one rule: a field that version 1 did not have is left out of
// hashes, frozen sweeps and assignments wherever it has its value `before`, and a text without it
// means that value. So equal work keeps its hash, and an older checkpoint its trial.
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

// Where a field lives in TrialConfig; the alternative is its type.
using FieldMember =
    std::variant<bool TrialConfig::*, std::int64_t TrialConfig::*, double TrialConfig::*,
                 std::string TrialConfig::*, Protocol TrialConfig::*>;

// A field that another has taken the place of. Texts that name it are read as its successor's;
// where the successor has one of these values, texts for other builds still name the former. A
// config with both is of a build that had both: the successor's counts unless it is its `before`.
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
  // The version of the rules (presets.h) that brought it; the table sets 1 for those of version 1.
  int since = 2;
  // What sweeps submitted without it trained with. Open: the default, as long as that stays what
  // older builds did; state it before the default moves. Always set in the table.
  std::optional<Value> before = {};
  FormerField former = {};
};

// What the values of a field are, as files, database and wire hold them.
enum class FieldType { kFlag, kWhole, kReal, kText };
FieldType type_of(const Field& field);

// Every field, in the order people read them.
std::span<const Field> fields();

// The field of that name, or null.
const Field* find_field(std::string_view name);

// The field that took the place of one of that name, or null.
const Field* find_successor(std::string_view former);

// The successor's value where its former field held `held`, or nothing where that held no such
// value. Pure.
std::optional<Value> succeeded(const Field& field, const Value& held);

// The names of those that version 1 did not have: what a worker says it knows.
std::vector<std::string> newer_fields();

// Every field in the order of texts that older builds wrote or are to read: those of version 1 as
// they stood then, each former one's successor in its place, then the newer ones by name.
std::span<const Field* const> fields_as_written();

// A value of a field as such a text has it: under the name of its former field where that could
// hold it. Nothing where the text leaves it out.
struct Written {
  std::string_view name;
  Value value;
};
std::optional<Written> written(const Field& field, const Value& value);

// For tests of what becomes of older texts: another table stands in its place while this lives.
// `first` names the fields of version 1, in the order of hashes. Not thread-safe.
class OtherFields {
 public:
  OtherFields(std::vector<Field> fields, std::vector<std::string_view> first);
  OtherFields(const OtherFields&) = delete;
  OtherFields& operator=(const OtherFields&) = delete;
  ~OtherFields();
};

// Reads a field of a config.
Value get_field(const TrialConfig& config, const Field& field);

// Writes a field after checking type and bounds; whole numbers are accepted where a number is
// wanted. The error names `where`, what was found and what was expected, and the config is not
// changed.
Result<void> set_field(TrialConfig& config, const Field& field, const Value& value,
                       std::string_view where);

// "a number in [0, 1)", "one of \"adamw\", \"sgd\"", …: what a message expects.
std::string expected_text(const Field& field);

// "true", "15", "\"v3\"": what a message found.
std::string found_text(const Value& value);

}  // namespace firesweep
