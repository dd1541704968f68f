// Simulated time and what is to happen in it: one queue for the whole world, equal times in the
// order in which they were entered.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "shared/base/clock.h"

namespace firesweep::simulation {

// Not thread-safe.
class Agenda {
 public:
  using Action = std::function<void()>;

  Duration now() const { return now_; }
  void at(Duration time, Action action) {
    queue_.push_back({std::max(time, now_), ++entered_, std::move(action)});
    std::push_heap(queue_.begin(), queue_.end(), later);
  }
  void after(Duration wait, Action action) { at(now_ + wait, std::move(action)); }

  // Moves to the next entry and does it; false where none is left.
  bool step() {
    if (queue_.empty()) return false;
    std::pop_heap(queue_.begin(), queue_.end(), later);
    Entry entry = std::move(queue_.back());
    queue_.pop_back();
    now_ = entry.time;
    entry.action();
    return true;
  }

 private:
  struct Entry {
    Duration time;
    std::uint64_t number;
    Action action;
  };
  static bool later(const Entry& a, const Entry& b) {
    return a.time != b.time ? a.time > b.time : a.number > b.number;
  }

  Duration now_{0};
  std::uint64_t entered_ = 0;
  std::vector<Entry> queue_;
};

}  // namespace firesweep::simulation
