// Descriptors 0, 1 and 2: open from the first instruction on, and written to the end.
#pragma once

#include <optional>
#include <string>

namespace firesweep {

// Opens those that the parent left closed, so that no file of ours ever becomes standard output: a
// database must not receive what is printed. Writing to one that was closed fails. Call first in
// main.
void open_standard_streams();

// Flushes standard output, by std::cout and by stdio. The system's reason where something of what
// was printed could not be written; nothing where all was. Call last in main.
std::optional<std::string> flush_standard_output();

}  // namespace firesweep
