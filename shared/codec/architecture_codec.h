// Architecture files (TRAINING.md §1), JSON or YAML → Architecture.
#pragma once

#include <string_view>

#include "shared/base/error.h"
#include "shared/domain/architecture.h"

namespace firesweep {

// The architecture that a file describes. Its blocks have their JSON pointers. `canonical` is the
// content without the name and with sorted keys, and `hash` its SHA-256, so that a renamed copy has
// the same hash. Without "name" the architecture has the file's name. The error names the file and
// the JSON pointer (or line and column if the text does not parse), what was found and what was
// expected. Shapes are checked later, by `resolve`. Pure.
Result<Architecture> decode_architecture(std::string_view text, std::string_view file_name);

}  // namespace firesweep
