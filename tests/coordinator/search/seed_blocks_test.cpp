#include "coordinator/search/seed_blocks.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

constexpr std::nullopt_t kNo = std::nullopt;

// By hand: squares left 0.00185 with 12 - 4 - 3 + 1 degrees of freedom.
TEST(SeedBlocks, SpreadOfACompleteDesignIsThatOfItsAnalysisOfVariance) {
  const auto spread = pooled_spread(
      {{0.50, 0.52, 0.51}, {0.60, 0.63, 0.60}, {0.40, 0.45, 0.44}, {0.55, 0.54, 0.58}});
  ASSERT_TRUE(spread);
  EXPECT_EQ(spread->freedom, 6);
  EXPECT_NEAR(spread->deviation, 0.017559422921421233, 1e-12);
}

// The normal equations solved in fractions.
TEST(SeedBlocks, MissingScoresAreFittedByLeastSquares) {
  const auto spread = pooled_spread({{0.50, 0.52, 0.51},
                                     {0.60, kNo, 0.60},
                                     {0.40, 0.45, kNo},
                                     {0.55, 0.54, 0.58},
                                     {0.30, kNo, kNo},
                                     {kNo, kNo, kNo}});
  ASSERT_TRUE(spread);
  EXPECT_EQ(spread->freedom, 4);
  EXPECT_NEAR(spread->deviation, 0.01979658460201562, 1e-12);
}

TEST(SeedBlocks, WhatOneSeedShiftsForAllIsNoError) {
  const auto plain = pooled_spread({{0.5, 0.6}, {0.4, 0.3}, {0.7, 0.7}});
  const auto shifted = pooled_spread({{0.5, 0.7}, {0.4, 0.4}, {0.7, 0.8}});
  ASSERT_TRUE(plain && shifted);
  EXPECT_NEAR(plain->deviation, shifted->deviation, 1e-12);
}

TEST(SeedBlocks, NothingIsKnownWithoutFreedomOrErrors) {
  EXPECT_FALSE(pooled_spread({}));
  EXPECT_FALSE(pooled_spread({{0.5}, {0.6}})) << "one seed";
  EXPECT_FALSE(pooled_spread({{0.5, 0.6}})) << "one point";
  EXPECT_FALSE(pooled_spread({{0.5, 0.6}, {0.4, 0.5}, {0.1, 0.2}})) << "no error at all";
  EXPECT_FALSE(pooled_spread({{0.5, kNo}, {kNo, 0.5}}));
}

TEST(SeedBlocks, OnlySeedsThatBothHaveArePaired) {
  const Paired pair = paired({0.5, kNo, 0.7}, {0.4, 0.9, 0.5});
  EXPECT_EQ(pair.pairs, 2);
  EXPECT_NEAR(pair.difference, 0.15, 1e-12);
  EXPECT_NEAR(pair.t({0.1, 5}), 0.15 / 0.1, 1e-12);
  EXPECT_EQ(paired({0.5, kNo}, {kNo, 0.5}).pairs, 0);
}

}  // namespace
}  // namespace firesweep
