// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014, §4):
// random bits as a function of a counter, so that any draw can be made without the draws before it.
// And FNV-1a, which turns names into its keys. Stored sweeps depend on both: neither may ever
// change. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace firesweep {

inline constexpr std::uint64_t kSplitMixGamma = 0x9e3779b97f4a7c15;

// The generator's finaliser.
constexpr std::uint64_t mixed_bits(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// The draw after state `state`; the next state is `state` + kSplitMixGamma.
constexpr std::uint64_t splitmix64(std::uint64_t state) {
  return mixed_bits(state + kSplitMixGamma);
}

// The draw at position `counter` of the sequence that `seed` starts.
constexpr std::uint64_t splitmix64_at(std::uint64_t seed, std::uint64_t counter) {
  return splitmix64(seed + counter * kSplitMixGamma);
}

// A number in [0, 1) from the upper 53 bits, uniformly distributed.
constexpr double unit_of(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

// The 64-bit FNV-1a hash (Fowler, Noll, Vo).
constexpr std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace firesweep
