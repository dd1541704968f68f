#include "coordinator/search/termination/rungs.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace firesweep {
namespace {

using Epochs = std::vector<std::int64_t>;

TEST(Rungs, ArePowersOfEtaWhereTheEpochsAre) {
  EXPECT_EQ(rungs_between(1, 81, 3), (Epochs{1, 3, 9, 27}));
  EXPECT_EQ(rungs_between(2, 64, 2), (Epochs{2, 4, 8, 16, 32}));
  EXPECT_EQ(rungs_between(1, 1000, 10), (Epochs{1, 10, 100}));
}

TEST(Rungs, AreEvenlySpacedElsewhere) {
  EXPECT_EQ(rungs_between(1, 50, 3), (Epochs{1, 3, 7, 19}));
  EXPECT_EQ(rungs_between(1, 50, 4), (Epochs{1, 4, 14}));
  EXPECT_EQ(rungs_between(5, 15, 3), (Epochs{5}));
}

TEST(Rungs, AreNoneWhereTheFirstIsTheLastEpoch) {
  EXPECT_EQ(rungs_between(5, 5, 3), Epochs{});
  EXPECT_EQ(rungs_between(9, 5, 3), Epochs{});
  EXPECT_EQ(rungs_between(4, 5, 3), (Epochs{4}));
}

RC_GTEST_PROP(Rungs, RiseFromTheFirstByNoMoreThanEta, ()) {
  const auto first = *rc::gen::inRange<std::int64_t>(1, 30);
  const auto epochs = *rc::gen::inRange<std::int64_t>(first + 1, 400);
  const double eta = 1 + *rc::gen::inRange(1, 400) / 100.0;
  auto rungs = rungs_between(first, epochs, eta);
  RC_ASSERT(rungs.front() == first);
  RC_ASSERT(rungs.back() < epochs);
  rungs.push_back(epochs);
  for (std::size_t i = 1; i < rungs.size(); ++i) {
    RC_ASSERT(rungs[i] > rungs[i - 1]);
    // Both are rounded.
    const bool near = static_cast<double>(rungs[i]) - 0.5 <=
                      eta * (static_cast<double>(rungs[i - 1]) + 0.5) + 1e-9;
    RC_ASSERT(near || rungs[i] == rungs[i - 1] + 1);
  }
}

TEST(Rungs, BeginAfterAThirdAndTheWarmUpByDefault) {
  const auto first = [](std::int64_t epochs, std::int64_t warmup) {
    return first_epoch({}, {.epochs = epochs, .warmup = warmup});
  };
  EXPECT_EQ(first(30, 0), 10);
  EXPECT_EQ(first(31, 0), 11);
  EXPECT_EQ(first(9, 5), 6);
  EXPECT_EQ(first(1, 0), 1);
  EXPECT_EQ(first_epoch(2, {.epochs = 30, .warmup = 7}), 2);
}

RC_GTEST_PROP(Rungs, RankAsSortingDoes, ()) {
  const auto scores = *rc::gen::nonEmpty<std::vector<int>>(
      rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 8)));
  Rung rung;
  for (std::size_t i = 0; i < scores.size(); ++i) rung.put(static_cast<std::int64_t>(i), scores[i]);
  std::vector<int> sorted = scores;
  std::ranges::sort(sorted, std::greater<>());
  RC_ASSERT(rung.size() == static_cast<std::int64_t>(scores.size()));
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    RC_ASSERT(rung.at_rank(static_cast<std::int64_t>(i) + 1) == sorted[i]);
    const auto first = std::ranges::find(sorted, sorted[i]) - sorted.begin();
    RC_ASSERT(rung.rank(sorted[i]) == first + 1);
  }
}

TEST(Rungs, HaveOneScorePerTrial) {
  Rung rung;
  rung.put(1, 0.5);
  rung.put(2, 0.7);
  rung.put(1, 0.9);
  rung.put(1, 0.9);
  EXPECT_EQ(rung.size(), 2);
  EXPECT_EQ(rung.rank(0.7), 2);
  rung.remove(1);
  rung.remove(1);
  EXPECT_EQ(rung.size(), 1);
  EXPECT_EQ(rung.rank(0.7), 1);
}

TEST(Rungs, PutNanLast) {
  Rung rung;
  rung.put(1, std::numeric_limits<double>::quiet_NaN());
  rung.put(2, -1e300);
  EXPECT_EQ(rung.at_rank(1), -1e300);
  EXPECT_EQ(rung.rank(std::numeric_limits<double>::quiet_NaN()), 2);
  rung.put(1, 1);
  EXPECT_EQ(rung.at_rank(1), 1);
}

TEST(Places, AreOneInEtaAndAtLeastOne) {
  EXPECT_EQ(places(1, 3), 1);
  EXPECT_EQ(places(5, 3), 1);
  EXPECT_EQ(places(6, 3), 2);
  EXPECT_EQ(places(5, 2.5), 2);
  EXPECT_EQ(places(3, 1.5), 2);
}

}  // namespace
}  // namespace firesweep
