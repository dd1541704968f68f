#include "coordinator/core/dispatch_queue.h"

#include <utility>

namespace firesweep {

void DispatchQueue::start(std::vector<std::int64_t> order) {
  order_ = std::move(order);
  cursor_ = 0;
  passed_over_.clear();
  started_ = true;
}

std::optional<std::int64_t> DispatchQueue::take(const Taker& taker) {
  if (auto number = take_returned(taker)) return number;
  if (auto number = take_passed_over(taker)) return number;
  return take_next(taker);
}

std::optional<std::int64_t> DispatchQueue::take_returned(const Taker& taker) {
  int looked = 0;
  for (auto place = returned_.begin(); place != returned_.end() && looked < kLongestLook;
       ++place, ++looked) {
    if (!taker.returned(*place)) continue;
    const std::int64_t number = *place;
    returned_.erase(place);
    return number;
  }
  return std::nullopt;
}

std::optional<std::int64_t> DispatchQueue::take_passed_over(const Taker& taker) {
  for (auto place = passed_over_.begin(); place != passed_over_.end();) {
    auto& [kind, numbers] = *place;
    while (!numbers.empty() && !taker.untouched(numbers.front())) numbers.pop_front();
    if (numbers.empty()) {
      place = passed_over_.erase(place);
      continue;
    }
    if (taker.fits(kind)) {
      const std::int64_t number = numbers.front();
      numbers.pop_front();
      return number;
    }
    ++place;
  }
  return std::nullopt;
}

std::optional<std::int64_t> DispatchQueue::take_next(const Taker& taker) {
  for (int looked = 0; cursor_ < order_.size() && looked < kLongestLook;) {
    const std::int64_t number = order_[cursor_++];
    if (!taker.untouched(number)) continue;
    std::string kind = taker.kind(number);
    if (taker.fits(kind)) return number;
    passed_over_[std::move(kind)].push_back(number);
    ++looked;
  }
  return std::nullopt;
}

std::vector<std::string> DispatchQueue::passed_over() const {
  std::vector<std::string> kinds;
  for (const auto& [kind, numbers] : passed_over_) {
    if (!numbers.empty()) kinds.push_back(kind);
  }
  return kinds;
}

}  // namespace firesweep
