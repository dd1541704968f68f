// A text in JSON or YAML → one tree, so that there is one decoder for both.
#pragma once

#include <string_view>

#include "shared/base/error.h"
#include "shared/codec/json.h"

namespace firesweep {

// The tree, always an object. A name ending in .yaml or .yml makes it YAML, one ending in .json
// JSON; else a text that begins with "{" or a comment of JSON's is JSON. A byte order mark changes
// nothing; an encoding that is not UTF-8 is named. Errors carry
// "FILE:LINE:COLUMN". Pure.
Result<Json> parse_document(std::string_view text, std::string_view file_name);

// "x" of "some/folder/x.json"; only endings of JSON and YAML are taken off.
std::string_view stem_of(std::string_view file_name);

}  // namespace firesweep
