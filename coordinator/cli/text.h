// Formats times and progress bars.
#pragma once

#include <string>

namespace firesweep {

std::string clock_time(double seconds);  // "1:02:03", "4:05"
std::string rough_time(double seconds);  // "about 3 h", "about 12 min", "45 s"
// A progress bar: "▕███████░░░▏", or "[#######---]" in ASCII. `share` is clamped to [0, 1].
enum class Letters { kAll, kAscii };
std::string bar(double share, int cells, Letters letters = Letters::kAll);
// The letters that a terminal can show, by the variables TERM, LC_ALL and LC_CTYPE (null if unset):
// ASCII for a dumb terminal and for the locales C and POSIX. Pure.
Letters letters_for(const char* term, const char* lc_all, const char* lc_ctype);
// The line cut to `columns` columns of a terminal, with "…" at the cut. The line is UTF-8.
std::string fit(const std::string& line, int columns);

}  // namespace firesweep
