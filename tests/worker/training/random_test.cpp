#include "worker/training/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace firesweep {
namespace {

// Known answers of the authors' Random123 distribution (kat_vectors, philox4x32 10).
TEST(Philox, GivesItsPublishedAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Draw, DiffersBySeedPurposeEpochAndIndex) {
  const std::set<Words> drawn = {
      draw(1, Purpose::kOrder, 1, 1),  draw(2, Purpose::kOrder, 1, 1),
      draw(1, Purpose::kJitter, 1, 1), draw(1, Purpose::kOrder, 2, 1),
      draw(1, Purpose::kOrder, 1, 2),  draw(1, Purpose::kOrder, 1, std::int64_t{1} << 32)};
  EXPECT_EQ(drawn.size(), 6U);
}

TEST(Draw, ScalesToTheWholeRangeAndNotBeyond) {
  EXPECT_EQ(below(0, 9), 0);
  EXPECT_EQ(below(0xffffffff, 9), 8);
  EXPECT_EQ(between(0, -0.1, 0.1), -0.1);
  EXPECT_LT(between(0xffffffff, -0.1, 0.1), 0.1);
}

TEST(EpochOrder, IsAPermutationThatDependsOnSeedAndEpochAlone) {
  std::vector<std::int64_t> samples(1000);
  std::iota(samples.begin(), samples.end(), 7);
  const auto first = epoch_order(3, 1, samples);
  EXPECT_EQ(first, epoch_order(3, 1, samples));
  EXPECT_NE(first, epoch_order(3, 2, samples));
  EXPECT_NE(first, epoch_order(4, 1, samples));
  EXPECT_TRUE(std::ranges::is_permutation(first, samples));
}

TEST(EpochOrder, PutsEverySampleAnywhereEquallyOften) {
  const std::vector<std::int64_t> samples = {0, 1, 2, 3};
  std::array<std::array<int, 4>, 4> seen{};
  for (std::int64_t epoch = 0; epoch < 4000; ++epoch) {
    const auto order = epoch_order(11, epoch, samples);
    for (std::size_t i = 0; i < 4; ++i) ++seen[i][static_cast<std::size_t>(order[i])];
  }
  for (const auto& row : seen)
    for (const int count : row) EXPECT_NEAR(count, 1000, 130);  // over four standard deviations
}

}  // namespace
}  // namespace firesweep
