// Parses a JSON or YAML text into the same kind of tree, so that there is one decoder for both.
#pragma once

#include <string_view>

#include "shared/base/error.h"
#include "shared/codec/json.h"

namespace firesweep {

// The tree, always an object. A file name that ends in .yaml or .yml means YAML, in .json JSON;
// otherwise a text that begins with "{" or a JSON comment is JSON. A byte order mark is ignored.
// The error for an encoding other than UTF-8 names the encoding. Errors have "FILE:LINE:COLUMN".
// Pure.
Result<Json> parse_document(std::string_view text, std::string_view file_name);

// Whether a file of that name is YAML whatever its text.
bool is_yaml_name(std::string_view file_name);

// "x" for "some/folder/x.json"; only the endings of JSON and YAML files are removed.
std::string_view stem_of(std::string_view file_name);

}  // namespace firesweep
