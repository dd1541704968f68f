// Commands that people paste into a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firesweep {

// `word` as a POSIX shell reads it back: in single quotes where it needs them. Pure.
std::string shell_quoted(std::string_view word);

// The words of a command with blanks between them, each quoted where it needs it. Pure.
std::string shell_command(const std::vector<std::string>& words);

}  // namespace firesweep
