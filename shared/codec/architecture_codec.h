// Architecture files (TRAINING.md §1), JSON or YAML → Architecture.
#pragma once

#include <string_view>

#include "shared/base/error.h"
#include "shared/domain/architecture.h"

namespace firesweep {

// The architecture that a file describes; its blocks know their places, `canonical` is the content
// without the name and with sorted keys, `hash` its SHA-256, so that a renamed copy has the same
// hash. A file without "name" is called by its file name. The error names the file and the JSON
// pointer (line and column where the text does not parse), what was found and what was expected.
// Shapes are checked later, by `resolve`. Pure.
Result<Architecture> decode_architecture(std::string_view text, std::string_view file_name);

}  // namespace firesweep
