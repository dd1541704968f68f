// Reads what a sweep file says about its points: exclude, zip and conditions. Internal to the codec
// room.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "shared/codec/json_node.h"
#include "shared/codec/parameter_codec.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// The most elements of these lists.
inline constexpr std::size_t kMostExclusions = 1000;
inline constexpr std::size_t kMostZips = 100;
inline constexpr std::size_t kMostZipped = 100;
inline constexpr std::size_t kMostConditionValues = 1000;

// The names of parameters that "zip" or "conditions" name, as far as they can be understood, as
// they are called now. Adds no mistake: this is asked before the parameters are read.
std::set<std::string> names_in_zip(const JsonNode& root);
std::set<std::string> names_with_conditions(const JsonNode& root);

// What a parameter is called now that a file calls `name`.
std::string name_now(const ParameterName& understood, const std::string& name);

// Each adds the member's content to `spec`, whose parameters were read, or mistakes. A value or a
// name that no point has is a mistake of its writer, unless there are mistakes already: then it is
// not known what the sweep has.
void read_exclude(const JsonNode& root, SweepSpec& spec);
void read_zip(const JsonNode& root, SweepSpec& spec);
void read_conditions(const JsonNode& root, SweepSpec& spec);

}  // namespace firesweep
