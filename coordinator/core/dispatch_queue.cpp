#include "coordinator/core/dispatch_queue.h"

#include <algorithm>

namespace firesweep {

void DispatchQueue::start(std::vector<std::int64_t> order) {
  order_ = std::move(order);
  cursor_ = 0;
  passed_over_.clear();
  started_ = true;
}

DispatchQueue::Found DispatchQueue::search(const TrialFilter& filter) const {
  Found found{{}, cursor_, {}};
  int looked = 0;
  for (auto next = returned_.begin(); next != returned_.end() && looked < kLongestLook;
       ++next, ++looked) {
    if (!filter.returned(*next)) continue;
    found.number = *next;
    return found;
  }
  if (filter.promoted) found.number = filter.promoted();
  if (!found.number) found.number = search_passed_over(filter);
  for (looked = 0; !found.number && found.cursor < order_.size() && looked < kLongestLook;) {
    const std::int64_t number = order_[found.cursor];
    const bool untouched = filter.untouched(number);
    if (untouched && !filter.open(number)) break;
    ++found.cursor;
    if (!untouched) continue;
    std::string kind = filter.kind(number);
    if (filter.fits(kind)) {
      found.number = number;
    } else {
      found.passed_over.emplace_back(std::move(kind), number);
      ++looked;
    }
  }
  return found;
}

std::optional<std::int64_t> DispatchQueue::search_passed_over(const TrialFilter& filter) const {
  for (const auto& [kind, numbers] : passed_over_) {
    if (!filter.fits(kind)) continue;
    const auto first = std::find_if(numbers.begin(), numbers.end(), filter.untouched);
    if (first != numbers.end()) return *first;
  }
  return std::nullopt;
}

void DispatchQueue::settle(Found found, const std::function<bool(std::int64_t)>& untouched) {
  cursor_ = found.cursor;
  for (auto& [kind, number] : found.passed_over) {
    passed_over_[std::move(kind)].push_back(number);
  }
  if (found.number) returned_.erase(*found.number);
  for (auto kind = passed_over_.begin(); kind != passed_over_.end();) {
    auto& numbers = kind->second;
    while (!numbers.empty() && (numbers.front() == found.number || !untouched(numbers.front()))) {
      numbers.pop_front();
    }
    kind = numbers.empty() ? passed_over_.erase(kind) : std::next(kind);
  }
}

std::vector<std::string> DispatchQueue::passed_over() const {
  std::vector<std::string> kinds;
  for (const auto& [kind, numbers] : passed_over_) kinds.push_back(kind);
  return kinds;
}

}  // namespace firesweep
