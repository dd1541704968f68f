// The simulator's only source of chance: SplitMix64 (Steele, Lea, Flood: Fast splittable
// pseudorandom number generators, 2014). It refuses to depend on the standard library's
// distributions, which differ between implementations.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "shared/base/clock.h"

namespace firesweep::simulation {

constexpr std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// Not thread-safe. Equal seeds give equal draws on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(mixed(seed + kGamma)) {}

  std::uint64_t next() { return mixed(state_ += kGamma); }
  // Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
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
  static constexpr std::uint64_t kGamma = 0x9e3779b97f4a7c15u;
  std::uint64_t state_;
};

}  // namespace firesweep::simulation
