// The field table: each hyperparameter declared once. It drives decoding, validation, the wire, the
// documentation, the store's columns and `firesweep explain`.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/trial_config.h"
#include "shared/domain/value.h"

namespace firesweep {

// Where a field lives in TrialConfig; the alternative is its type.
using FieldMember = std::variant<bool TrialConfig::*, std::int64_t TrialConfig::*,
                                 double TrialConfig::*, std::string TrialConfig::*>;

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
};

// Every field, in the order people read them.
std::span<const Field> fields();

// The field of that name, or null.
const Field* find_field(std::string_view name);

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
