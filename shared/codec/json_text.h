// JSON text → tree, strictly: comments are allowed, duplicate keys are not, and depth is bounded.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/codec/json.h"

namespace firesweep {

// The tree, or the first mistake with its position as "FILE:LINE:COLUMN". Pure.
Result<Json> parse_json(std::string_view text, std::string_view file_name);

// Compact text of a tree; invalid UTF-8 becomes U+FFFD. Pure.
std::string dump_json(const Json& json);

// The same for people and files: a line a member, each level by `indent` blanks further in, and a
// line feed at the end. Pure.
std::string dump_json_lines(const Json& json, int indent);

}  // namespace firesweep
