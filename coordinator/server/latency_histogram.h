// How long something took, counted in buckets of rising bounds.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace firesweep {

// Plain data; not thread-safe.
class LatencyHistogram {
 public:
  // Upper bounds in seconds, inclusive. A commit takes from 0.1 ms (a disk that caches writes) to
  // seconds (a shared file system, another program's transaction).
  static constexpr std::array<double, 13> kBounds{
      0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5};

  void add(std::chrono::duration<double> took) {
    const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), took.count());
    ++counts_[static_cast<std::size_t>(bound - kBounds.begin())];
    sum_ += took.count();
  }

  // By bucket; the last one is beyond all bounds.
  const std::array<std::int64_t, kBounds.size() + 1>& counts() const { return counts_; }
  double sum() const { return sum_; }  // seconds

 private:
  std::array<std::int64_t, kBounds.size() + 1> counts_{};
  double sum_ = 0;
};

}  // namespace firesweep
