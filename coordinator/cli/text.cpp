#include "coordinator/cli/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ostream>

#include "coordinator/report/render/human.h"
#include "shared/base/utf8.h"

namespace firesweep {
std::string clock_time(double seconds) {
  const auto total = static_cast<long long>(std::llround(std::max(0.0, seconds)));
  std::array<char, 32> buffer;
  if (total >= 3600) {
    std::snprintf(buffer.data(), buffer.size(), "%lld:%02lld:%02lld", total / 3600, total / 60 % 60,
                  total % 60);
  } else {
    std::snprintf(buffer.data(), buffer.size(), "%lld:%02lld", total / 60, total % 60);
  }
  return buffer.data();
}

std::string rough_time(double seconds) {
  if (seconds < 90) return human_fixed(std::max(seconds, 0.0), 0, " s");
  if (seconds < 90 * 60) return human_fixed(seconds / 60, 0, " min");
  if (seconds < 48 * 3600) return human_fixed(seconds / 3600, 1, " h");
  if (seconds < 1000 * 86400.0) return human_fixed(seconds / 86400, 1, " days");
  return human_fixed(seconds / (365.25 * 86400), 0, " years");
}

std::string idle_at_end(double seconds) {
  return seconds < 1 ? "" : "workers idle at the end " + human_fixed(seconds, 0, " s");
}

void print_warnings(std::ostream& out, const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) out << "  warning: " << warning << "\n";
}

std::string bar(double share, int cells) {
  const int full = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * cells));
  std::string text = "▕";
  for (int i = 0; i < cells; ++i) text += i < full ? "█" : "░";
  return text + "▏";
}

std::string fit(const std::string& line, int columns) {
  if (columns < 1 || display_width(line) <= static_cast<std::size_t>(columns)) return line;
  return std::string(head_of_width(line, static_cast<std::size_t>(columns) - 1)) + "…";
}

}  // namespace firesweep
