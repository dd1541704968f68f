// A random order of the numbers below a size, which is computed and not stored.
#pragma once

#include <cstdint>

namespace firesweep {

// A permutation of 0 … size-1 that its seed chooses: a Feistel network over the next even number of
// bits, walked along its cycles until the number is below `size` (Black and Rogaway, "Ciphers with
// Arbitrary Finite Domains", CT-RSA 2002, sections 3 and 5); four steps at most on average. Stored
// sweeps depend on it. Immutable; safe from any thread.
class Permutation {
 public:
  // `size` is from 1 to 2^62.
  Permutation(std::int64_t size, std::int64_t seed);

  std::int64_t size() const { return size_; }
  // The number at a position, and the position of a number; each in [0, size).
  std::int64_t at(std::int64_t place) const;
  std::int64_t place_of(std::int64_t number) const;

 private:
  std::uint64_t forth(std::uint64_t number) const;
  std::uint64_t back(std::uint64_t number) const;
  std::uint64_t bits_of(int round, std::uint64_t half) const;

  std::int64_t size_;
  std::uint64_t key_;
  int half_bits_;
};

}  // namespace firesweep
