// Holds the decoder of sweep files and their JSON Schema against each other.
#pragma once

#include <string>
#include <string_view>

#include "shared/codec/json.h"

namespace firesweep::testing {

// What the JSON Schema of sweep files, as a validator of other hands reads it, says against a
// document; empty where it is valid.
std::string schema_mistake(const Json& document);

// Why decoder and schema disagree about a text; empty where they agree: what is accepted is valid,
// and what is refused is invalid unless each mistake is one that JSON Schema cannot tell
// (sweep_schema.h).
std::string disagreement(std::string_view text, std::string_view file_name);

// Fails the test where they disagree.
void expect_agreement(std::string_view text, std::string_view file_name);

}  // namespace firesweep::testing
