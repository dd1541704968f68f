// Formats times, progress bars and warnings.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace firesweep {

std::string clock_time(double seconds);  // "1:02:03", "4:05"
std::string rough_time(double seconds);  // "about 3 h", "about 12 min", "45 s"
// "workers idle at the end 12 s"; empty below a second, which nobody could have used.
std::string idle_at_end(double seconds);
// A line for each, indented.
void print_warnings(std::ostream& out, const std::vector<std::string>& warnings);
// A progress bar: "▕███████░░░▏". `share` is clamped to [0, 1].
std::string bar(double share, int cells);
// The line cut to `columns` columns of a terminal, with "…" at the cut. The line is UTF-8.
std::string fit(const std::string& line, int columns);

}  // namespace firesweep
