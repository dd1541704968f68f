#include "shared/base/natural_order.h"

#include <algorithm>
#include <cstddef>

namespace firesweep {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes the run of digits at the front, without leading zeros.
std::string_view take_digits(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  std::string_view number = text.substr(0, end);
  text.remove_prefix(end);
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  return number;
}

}  // namespace

bool counts_before(std::string_view a, std::string_view b) {
  std::string_view left_a = a;
  std::string_view left_b = b;
  while (!left_a.empty() && !left_b.empty()) {
    if (is_digit(left_a.front()) && is_digit(left_b.front())) {
      const std::string_view number_a = take_digits(left_a);
      const std::string_view number_b = take_digits(left_b);
      if (number_a.size() != number_b.size()) return number_a.size() < number_b.size();
      if (number_a != number_b) return number_a < number_b;
    } else {
      if (left_a.front() != left_b.front()) return left_a.front() < left_b.front();
      left_a.remove_prefix(1);
      left_b.remove_prefix(1);
    }
  }
  if (left_a.empty() != left_b.empty()) return left_a.empty();
  return a < b;
}

}  // namespace firesweep
