// The simulator's only source of chance: SplitMix64. It refuses to depend on the standard library's
// distributions, which differ between implementations.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "shared/base/clock.h"
#include "shared/base/splitmix.h"

namespace firesweep::simulation {

// Not thread-safe. Equal seeds give equal draws on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(splitmix64(seed)) {}

  std::uint64_t next() { return mixed_bits(state_ += kSplitMixGamma); }
  // Uniform in [0, 1).
  double unit() { return unit_of(next()); }
  // True with probability `p`; draws also where the answer is certain.
  bool chance(double p) { return unit() < p; }
  // Uniform in first … last, both included.
  std::int64_t between(std::int64_t first, std::int64_t last) {
    return first + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(last - first + 1));
  }
  Duration between(Duration first, Duration last) {
    return Duration(between(first.count(), last.count()));
  }
  template <class T>
  T one_of(std::initializer_list<T> list) {
    return *(list.begin() + between(0, static_cast<std::int64_t>(list.size()) - 1));
  }

 private:
  std::uint64_t state_;
};

}  // namespace firesweep::simulation
