// Makes sure that descriptors 0, 1 and 2 are open, and that all output was written.
#pragma once

#include <optional>
#include <string>

namespace firesweep {

// Opens the descriptors that the parent left closed, so that no file of ours, such as a database,
// becomes standard output. Writing to a descriptor that was closed fails. Call first in main.
void open_standard_streams();

// Flushes standard output, of std::cout and of stdio. Returns the system's reason if some output
// could not be written, else nothing. Call last in main.
std::optional<std::string> flush_standard_output();

}  // namespace firesweep
