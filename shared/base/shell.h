// Commands that users paste into a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firesweep {

// `word` as a POSIX shell reads it: in single quotes if it needs them. Pure.
std::string shell_quoted(std::string_view word);

// The words of a command, separated by blanks, each quoted if it needs quotes. Pure.
std::string shell_command(const std::vector<std::string>& words);

}  // namespace firesweep
