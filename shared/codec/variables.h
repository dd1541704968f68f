// Variables of the environment, such as ${HOME}, which other tools replace in their files. A sweep
// file means the same everywhere, so that they are refused. Internal to the codec room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/codec/json.h"

namespace firesweep {

// The "${NAME}" or "$NAME" that a text begins with, or nothing. Pure.
std::string variable_at(std::string_view text);

// A text with a variable, and its JSON pointer.
struct VariableText {
  std::string pointer;
  std::string text;
};

// The texts of a member of a sweep, which stands at `pointer`, that have "${" in them, or are
// "$NAME" where any text may not stand. Members that hold commands are passed over. Pure.
std::vector<VariableText> variables_in(const Json& json, const std::string& pointer);

// "--set lr.value=...": how the command line gives what stands at a place of a sweep. Pure.
std::string setting_for(std::string_view pointer);

inline constexpr const char* kNoVariables =
    "variables are not replaced: write the value itself; of a sweep file, --set can give it";

}  // namespace firesweep
