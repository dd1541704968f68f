// The log. The loops log one `key=value` line per applied event or effect; the cores log nothing.
#pragma once

#include <string>

namespace firesweep {

// Makes spdlog's default logger write to standard error (`path` empty) or append to a file, at
// `level` (trace, debug, info, warn, error, off). Throws spdlog::spdlog_ex if the file cannot be
// opened.
// Call once, from main.
void set_up_log(const std::string& path, const std::string& level, const std::string& process_name);

}  // namespace firesweep
