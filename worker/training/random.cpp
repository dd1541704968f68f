#include "worker/training/random.h"

#include <utility>

namespace firesweep {
namespace {

constexpr std::uint32_t kMultiplier0 = 0xD2511F53;
constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
constexpr int kRounds = 10;

constexpr std::uint32_t high(std::uint64_t product) {
  return static_cast<std::uint32_t>(product >> 32);
}
constexpr std::uint32_t low(std::uint64_t product) { return static_cast<std::uint32_t>(product); }

}  // namespace

Words philox(Words counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t product0 = std::uint64_t{kMultiplier0} * counter[0];
    const std::uint64_t product1 = std::uint64_t{kMultiplier1} * counter[2];
    counter = {high(product1) ^ counter[1] ^ key[0], low(product1),
               high(product0) ^ counter[3] ^ key[1], low(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

Words draw(std::uint64_t seed, Purpose purpose, std::int64_t epoch, std::int64_t index) {
  const auto place = static_cast<std::uint64_t>(index);
  return philox({low(place), high(place), static_cast<std::uint32_t>(epoch),
                 static_cast<std::uint32_t>(purpose)},
                {low(seed), high(seed)});
}

std::uint64_t draw_seed(std::uint64_t seed, Purpose purpose, std::int64_t epoch,
                        std::int64_t index) {
  const Words words = draw(seed, purpose, epoch, index);
  return std::uint64_t{words[1]} << 32 | words[0];
}

std::vector<std::int64_t> epoch_order(std::uint64_t seed, std::int64_t epoch,
                                      std::span<const std::int64_t> samples) {
  std::vector<std::int64_t> order(samples.begin(), samples.end());
  for (auto last = static_cast<std::int64_t>(order.size()) - 1; last > 0; --last) {
    const std::int64_t other = below(draw(seed, Purpose::kOrder, epoch, last)[0], last + 1);
    std::swap(order[static_cast<std::size_t>(last)], order[static_cast<std::size_t>(other)]);
  }
  return order;
}

}  // namespace firesweep
