// Files that verbs make for people, who edit them.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/error.h"

namespace firesweep {

// Writes a file that is not there yet; one that holds this very text counts as written. The error
// says what is there instead, or the system's reason; another file is never written over. `what`
// names the kind: "script".
Result<void> write_new_file(const std::string& file, const std::string& text,
                            std::string_view what);

}  // namespace firesweep
