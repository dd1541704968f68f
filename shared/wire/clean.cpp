#include "shared/wire/clean.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace firesweep {
namespace {

// Length of the code point at the head of `text`, or 0 where there is none (RFC 3629, section 4).
std::size_t code_point_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  if (length == 0 || text.size() < length) return 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return length;
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

}  // namespace

std::string clean_text(std::string_view text, std::size_t most) {
  if (text.size() <= most && std::all_of(text.begin(), text.end(), is_ascii)) {
    return std::string(text);
  }
  std::string clean;
  clean.reserve(std::min(text.size(), most));
  while (!text.empty()) {
    const std::size_t length = code_point_length(text);
    const std::string_view next = length == 0 ? std::string_view("?") : text.substr(0, length);
    if (clean.size() + next.size() > most) break;
    clean += next;
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return clean;
}

double clean_loss(double value) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  return std::isnan(value) ? kLargest : std::clamp(value, -kLargest, kLargest);
}

double clean_number(double value) { return std::isfinite(value) ? value : 0.0; }

double clean_rate(double value) { return std::isfinite(value) && value > 0 ? value : 0.0; }

double clean_fraction(double value) {
  return std::isnan(value) ? 0.0 : std::clamp(value, 0.0, 1.0);
}

std::string clean_bitmap(const std::vector<std::uint8_t>& bits) {
  if (bits.size() > kMaxBitmapBytes) return {};
  return {bits.begin(), bits.end()};
}

}  // namespace firesweep
