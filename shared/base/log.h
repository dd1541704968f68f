// Where log lines go. Loops log one `key=value` line per applied event or effect; cores are silent.
#pragma once

#include <string>

namespace firesweep {

// Sends spdlog's default logger to standard error (`path` empty) or appends to a file, at `level`
// (trace, debug, info, warn, error, off). Throws spdlog::spdlog_ex where the file cannot be opened.
// Call once, from main.
void set_up_log(const std::string& path, const std::string& level, const std::string& process_name);

}  // namespace firesweep
