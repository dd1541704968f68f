#include "coordinator/search/permutation.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "shared/base/splitmix.h"

namespace firesweep {
namespace {

constexpr int kRounds = 8;  // small sizes have few bits a round to be mixed by

}  // namespace

Permutation::Permutation(std::int64_t size, std::int64_t seed)
    : size_(size),
      key_(splitmix64(static_cast<std::uint64_t>(seed))),
      half_bits_(std::max(
          1, (static_cast<int>(std::bit_width(static_cast<std::uint64_t>(size) - 1)) + 1) / 2)) {
  assert(size >= 1 && size <= std::int64_t{1} << 62);
}

std::int64_t Permutation::at(std::int64_t place) const {
  assert(place >= 0 && place < size_);
  auto number = static_cast<std::uint64_t>(place);
  do {
    number = forth(number);
  } while (number >= static_cast<std::uint64_t>(size_));
  return static_cast<std::int64_t>(number);
}

std::int64_t Permutation::place_of(std::int64_t number) const {
  assert(number >= 0 && number < size_);
  auto place = static_cast<std::uint64_t>(number);
  do {
    place = back(place);
  } while (place >= static_cast<std::uint64_t>(size_));
  return static_cast<std::int64_t>(place);
}

std::uint64_t Permutation::forth(std::uint64_t number) const {
  std::uint64_t left = number >> half_bits_;
  std::uint64_t right = number & ((std::uint64_t{1} << half_bits_) - 1);
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t next = left ^ bits_of(round, right);
    left = right;
    right = next;
  }
  return left << half_bits_ | right;
}

std::uint64_t Permutation::back(std::uint64_t number) const {
  std::uint64_t left = number >> half_bits_;
  std::uint64_t right = number & ((std::uint64_t{1} << half_bits_) - 1);
  for (int round = kRounds - 1; round >= 0; --round) {
    const std::uint64_t before = right ^ bits_of(round, left);
    right = left;
    left = before;
  }
  return left << half_bits_ | right;
}

std::uint64_t Permutation::bits_of(int round, std::uint64_t half) const {
  const std::uint64_t bits =
      splitmix64(splitmix64(key_ + static_cast<std::uint64_t>(round)) ^ half);
  return bits >> (64 - half_bits_);
}

}  // namespace firesweep
