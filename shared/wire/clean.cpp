#include "shared/wire/clean.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "shared/base/utf8.h"

namespace firesweep {
namespace {

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

}  // namespace

std::string clean_text(std::string_view text, std::size_t most) {
  if (text.size() <= most && std::all_of(text.begin(), text.end(), is_ascii)) {
    return std::string(text);
  }
  std::string clean;
  clean.reserve(std::min(text.size(), most));
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
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
