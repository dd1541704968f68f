#include "shared/base/near_miss.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace firesweep {
namespace {

// Levenshtein distance with adjacent transpositions counted once (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string folded(std::string_view word) {
  std::string plain;
  for (const char c : word) {
    if (c == '-' || c == '_' || c == ' ') continue;
    plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return plain;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string plain = folded(word);
  std::string_view nearest;
  std::size_t best = std::string_view::npos;
  for (const std::string_view candidate : candidates) {
    const std::string other = folded(candidate);
    const std::size_t distance = edit_distance(plain, other);
    const std::size_t bound = std::max(plain.size(), other.size()) / 3;
    if (distance <= bound && distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  if (nearest.empty()) return {};
  return "did you mean \"" + std::string(nearest) + "\"?";
}

}  // namespace firesweep
