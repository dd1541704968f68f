// YAML text → the same tree as JSON (YAML 1.2 core schema). Aliases are expanded within the tree's
// limits.
#pragma once

#include <string_view>

#include "shared/base/error.h"
#include "shared/codec/json.h"

namespace firesweep {

// The tree of the text's only document, or the first mistake with its position as
// "FILE:LINE:COLUMN". Pure.
Result<Json> parse_yaml(std::string_view text, std::string_view file_name);

}  // namespace firesweep
