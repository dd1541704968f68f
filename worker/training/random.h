// Random numbers as pure functions: a draw depends only on (seed, purpose, epoch, index), never on
// how many numbers were drawn before. So an order or an augmentation can be computed again at any
// epoch and batch, on any device, and a checkpoint needs no generator state. Free of torch.
//
// The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as
// 1, 2, 3, SC 2011, §3.3). Its key is the training seed, its counter {index low, index high, epoch,
// purpose}.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace firesweep {

enum class Purpose : std::uint32_t {
  kOrder = 0,
  kCropFlip = 1,
  kJitter = 2,
  kDropout = 3,
  kWeights = 4,
  kFirstFlip = 5,
  kCutout = 6,
  kMixing = 7,
  kPartner = 8,
  kTrivialAugment = 9
};

using Words = std::array<std::uint32_t, 4>;

// Ten rounds of Philox over `counter`. Pure.
Words philox(Words counter, std::array<std::uint32_t, 2> key);

// The four words of one draw. `index` is a sample's index in the training set, a step or a
// position. Pure.
Words draw(std::uint64_t seed, Purpose purpose, std::int64_t epoch, std::int64_t index);

// The first two words of one draw as a 64-bit number, to seed a generator of torch. Pure.
std::uint64_t draw_seed(std::uint64_t seed, Purpose purpose, std::int64_t epoch,
                        std::int64_t index);

// `word` scaled to 0 … bound-1. Pure.
constexpr std::int64_t below(std::uint32_t word, std::int64_t bound) {
  return static_cast<std::int64_t>((std::uint64_t{word} * static_cast<std::uint64_t>(bound)) >> 32);
}

// `word` scaled to [low, high). Pure.
constexpr double between(std::uint32_t word, double low, double high) {
  return low + (high - low) * (static_cast<double>(word) * 0x1p-32);
}

// `samples` in the order of the epoch, by a Fisher-Yates shuffle. Pure.
std::vector<std::int64_t> epoch_order(std::uint64_t seed, std::int64_t epoch,
                                      std::span<const std::int64_t> samples);

}  // namespace firesweep
