// Names of parameters in a sweep file and single values of them. Internal to the codec room.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/codec/json_node.h"
#include "shared/domain/fields.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// The meaning of a parameter's name: a field of the table, or ("arch.NAME") a parameter of the
// architecture files.
struct ParameterName {
  const Field* field = nullptr;
  std::string arch;     // NAME, where `field` is null
  bool former = false;  // the file names what `field` has taken the node of
};

// The names of parameters of the architecture files, as an ECMAScript regular expression.
inline constexpr std::string_view kArchNamePattern = R"(^arch\.[A-Za-z_][A-Za-z0-9_]{0,63}$)";

// The meaning of a name, or nothing after a mistake at `place`. The mistake suggests the right
// word.
std::optional<ParameterName> read_parameter_name(const std::string& name, const JsonNode& node);

// The field that other trainers call so, whose values mean the same: "lr" for "learning_rate",
// "batch_size" for "batch-size". Null where there is none, and for "warmup_epochs", which is in
// epochs where our field is a fraction. Pure.
const Field* find_field_called(std::string_view name);

// Why what other trainers call so has no field that holds its values, or what to write for it;
// empty for a name that is not known. Pure.
std::string why_no_field(std::string_view name);

// A value of that parameter, checked against its field; nothing after a mistake.
std::optional<Value> read_parameter_value(const ParameterName& name, const JsonNode& node);

// Adds what is wrong with the values of a parameter whose name was not understood, read as the
// field that its writer is told to write, if any: the next reading would find it.
void check_values_of_foreign(const std::string& name, const JsonNode& node);

// A swept parameter as older builds write it: under its former name if that could hold all of its
// values.
Parameter as_written(const Parameter& parameter);

}  // namespace firesweep
