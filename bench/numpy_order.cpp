#include "bench/numpy_order.h"

#include <array>
#include <bit>
#include <cassert>
#include <numeric>
#include <optional>
#include <utility>

namespace firesweep {
namespace {

__extension__ using Wide = unsigned __int128;

// The eight words that numpy's SeedSequence(seed) gives.
std::array<std::uint32_t, 8> seed_words(std::uint32_t seed) {
  std::uint32_t key = 0x43b0d7e5;
  const auto hashed = [&](std::uint32_t value) {
    value ^= key;
    key *= 0x931e8875;
    value *= key;
    return value ^ (value >> 16);
  };
  std::array<std::uint32_t, 4> pool{};
  for (std::size_t i = 0; i < pool.size(); ++i) pool[i] = hashed(i == 0 ? seed : 0);
  for (std::size_t from = 0; from < pool.size(); ++from) {
    for (std::size_t to = 0; to < pool.size(); ++to) {
      if (from == to) continue;
      const std::uint32_t mixed = pool[to] * 0xca01f9dd - hashed(pool[from]) * 0x4973f715;
      pool[to] = mixed ^ (mixed >> 16);
    }
  }
  std::array<std::uint32_t, 8> words{};
  key = 0x8b51f9dd;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::uint32_t value = pool[i % pool.size()] ^ key;
    key *= 0x58f38ded;
    value *= key;
    words[i] = value ^ (value >> 16);
  }
  return words;
}

class Pcg64 {
 public:
  explicit Pcg64(std::uint32_t seed) {
    const auto words = seed_words(seed);
    const auto wide = [&](std::size_t at) {
      const auto half = [&](std::size_t i) { return std::uint64_t{words[i + 1]} << 32 | words[i]; };
      return Wide{half(at)} << 64 | half(at + 2);
    };
    step_ = wide(4) << 1 | 1;
    advance();
    state_ += wide(0);
    advance();
  }

  // 0 … most.
  // 0 … most, by masked bits that are drawn again while they are above.
  std::uint32_t at_most(std::uint32_t most) {
    const std::uint32_t mask = UINT32_MAX >> std::countl_zero(most);
    for (;;) {
      const std::uint32_t value = half() & mask;
      if (value <= most) return value;
    }
  }

 private:
  void advance() {
    constexpr Wide kMultiplier = Wide{0x2360ed051fc65da4} << 64 | 0x4385df649fccf645;
    state_ = state_ * kMultiplier + step_;
  }

  std::uint32_t half() {
    if (upper_) return *std::exchange(upper_, std::nullopt);
    advance();
    const auto folded =
        static_cast<std::uint64_t>(state_ >> 64) ^ static_cast<std::uint64_t>(state_);
    const auto turn = static_cast<unsigned>(state_ >> 122);
    const std::uint64_t bits = folded >> turn | folded << ((64 - turn) % 64);
    upper_ = static_cast<std::uint32_t>(bits >> 32);
    return static_cast<std::uint32_t>(bits);
  }

  Wide state_ = 0;
  Wide step_ = 0;
  std::optional<std::uint32_t> upper_;
};

}  // namespace

std::vector<std::uint32_t> numpy_permutation(std::uint32_t seed, std::uint32_t count) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  Pcg64 random(seed);
  for (std::uint32_t i = count; i-- > 1;) std::swap(order[i], order[random.at_most(i)]);
  return order;
}

}  // namespace firesweep
