#include "coordinator/cli/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace firesweep {
namespace {

std::string format(const char* pattern, double number) {
  std::array<char, 64> buffer;
  std::snprintf(buffer.data(), buffer.size(), pattern, number);
  return buffer.data();
}

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string percent(double fraction) { return format("%.2f %%", 100 * fraction); }

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
  if (seconds < 90) return format("%.0f s", std::max(seconds, 0.0));
  if (seconds < 90 * 60) return format("%.0f min", seconds / 60);
  if (seconds < 48 * 3600) return format("%.1f h", seconds / 3600);
  return format("%.1f days", seconds / 86400);
}

std::string human_count(double number) {
  if (number >= 1e12) return format("%.3g T", number / 1e12);
  if (number >= 1e9) return format("%.3g G", number / 1e9);
  if (number >= 1e6) return format("%.3g M", number / 1e6);
  if (number >= 1e3) return format("%.3g k", number / 1e3);
  return format("%.0f", number);
}

std::string bar(double share, int cells) {
  const int full = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * cells));
  std::string text = "▕";
  for (int i = 0; i < cells; ++i) text += i < full ? "█" : "░";
  return text + "▏";
}

std::string fit(const std::string& line, int columns) {
  int width = 0;
  std::size_t cut = line.size();
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (continues_character(line[i])) continue;
    if (width == columns - 1) cut = i;
    ++width;
  }
  return width <= columns || columns < 1 ? line : line.substr(0, cut) + "…";
}

}  // namespace firesweep
