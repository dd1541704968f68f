#include "coordinator/search/permutation.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <vector>

namespace firesweep {
namespace {

RC_GTEST_PROP(Permutation, HoldsEveryNumberOnce, ()) {
  const auto size = *rc::gen::inRange<std::int64_t>(1, 3000);
  const Permutation order(size, *rc::gen::arbitrary<std::int64_t>());
  std::set<std::int64_t> seen;
  for (std::int64_t place = 0; place < size; ++place) {
    const std::int64_t number = order.at(place);
    RC_ASSERT(number >= 0 && number < size);
    RC_ASSERT(seen.insert(number).second);
    RC_ASSERT(order.place_of(number) == place);
  }
}

RC_GTEST_PROP(Permutation, FindsPlacesOfHugeSizes, ()) {
  const auto size = *rc::gen::inRange<std::int64_t>(1, (std::int64_t{1} << 62) + 1);
  const Permutation order(size, 7);
  const auto place = *rc::gen::inRange<std::int64_t>(0, size);
  RC_ASSERT(order.place_of(order.at(place)) == place);
}

TEST(Permutation, AnotherSeedIsAnotherOrder) {
  std::set<std::vector<std::int64_t>> orders;
  for (std::int64_t seed = 0; seed < 50; ++seed) {
    std::vector<std::int64_t> order;
    for (std::int64_t place = 0; place < 20; ++place)
      order.push_back(Permutation(20, seed).at(place));
    orders.insert(order);
  }
  EXPECT_EQ(orders.size(), 50u);
}

// Small grids are the usual ones: each order of three is as likely as another.
TEST(Permutation, EveryOrderOfThreeIsAsLikely) {
  constexpr int kSeeds = 6000;
  std::map<std::vector<std::int64_t>, int> orders;
  for (std::int64_t seed = 0; seed < kSeeds; ++seed) {
    const Permutation order(3, seed);
    ++orders[{order.at(0), order.at(1), order.at(2)}];
  }
  ASSERT_EQ(orders.size(), 6u);
  for (const auto& [order, count] : orders) EXPECT_NEAR(count, kSeeds / 6, 200);
}

TEST(Permutation, FirstPlacesFallEvenlyOverTheNumbers) {
  constexpr int kSeeds = 20'000;
  std::vector<int> hits(10);
  for (std::int64_t seed = 0; seed < kSeeds; ++seed)
    ++hits[static_cast<std::size_t>(Permutation(1000, seed).at(0) / 100)];
  for (const int count : hits) EXPECT_NEAR(count, kSeeds / 10, 200);
}

// The trials of users' databases must keep their meaning.
TEST(Permutation, IsStableAcrossBuilds) {
  const Permutation order(1'000'000, 7);
  EXPECT_EQ(order.at(0), 632'533);
  EXPECT_EQ(order.at(123), 734'710);
}

}  // namespace
}  // namespace firesweep
