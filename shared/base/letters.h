// What the terminal of this process can show: all of Unicode, or ASCII alone.
#pragma once

#include <string>

namespace firesweep {

enum class Letters { kAll, kAscii };

// By the environment's TERM, LC_ALL, LC_CTYPE and LANG (null where unset), of which the first
// locale that is set counts: a dumb terminal, the locales C and POSIX, and those of another
// encoding than UTF-8 take ASCII. Where nothing is set, everything is shown. Pure.
Letters letters_for(const char* term, const char* lc_all, const char* lc_ctype, const char* lang);

// The text with every sign that firesweep draws (lines, bars, dots, ticks) as one of ASCII that is
// as wide; names and other words stay as they are. Pure.
std::string in_letters(std::string text, Letters letters);

// The same for this process's environment.
std::string for_this_terminal(std::string text);

}  // namespace firesweep
