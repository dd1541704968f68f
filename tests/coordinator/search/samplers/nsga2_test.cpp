#include "coordinator/search/samplers/nsga2.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

namespace firesweep {
namespace {

Observation at(double a, double b, double violation = 0) { return {{0}, {a, b}, false, violation}; }

std::vector<std::size_t> fronts_of(const std::vector<Observation>& history) {
  std::vector<std::size_t> fronts(history.size(), 99);
  for (const Ranked& one : rank_by_domination(history)) {
    fronts[static_cast<std::size_t>(one.observation - history.data())] = one.front;
  }
  return fronts;
}

TEST(Nsga2, FrontsAreSortedByDomination) {
  EXPECT_EQ(fronts_of({at(1, 4), at(2, 2), at(4, 1), at(3, 3), at(5, 5)}),
            (std::vector<std::size_t>{0, 0, 0, 1, 2}));
}

TEST(Nsga2, WhatViolatesLessComesFirst) {
  EXPECT_EQ(fronts_of({at(9, 9), at(1, 1, 2), at(0, 0, 3)}), (std::vector<std::size_t>{0, 1, 2}));
}

TEST(Nsga2, CrowdingIsTheBoxAroundAPoint) {
  const std::vector<Observation> history{at(0, 10), at(1, 4), at(4, 2), at(10, 0)};
  const auto ranked = rank_by_domination(history);
  ASSERT_EQ(ranked.size(), 4);
  EXPECT_EQ(ranked[0].crowding, std::numeric_limits<double>::infinity());
  EXPECT_EQ(ranked[1].crowding, std::numeric_limits<double>::infinity());
  EXPECT_NEAR(ranked[2].crowding, (10 - 1) / 10.0 + (4 - 0) / 10.0, 1e-12);
  EXPECT_NEAR(ranked[3].crowding, (4 - 0) / 10.0 + (10 - 2) / 10.0, 1e-12);
}

RC_GTEST_PROP(Nsga2, NobodyIsDominatedWithinItsFront, ()) {
  const auto pairs = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 9), rc::gen::inRange(0, 9)));
  std::vector<Observation> history;
  for (const auto& [a, b] : pairs) history.push_back(at(a, b));
  const auto ranked = rank_by_domination(history);
  RC_ASSERT(ranked.size() == history.size());
  for (const Ranked& one : ranked) {
    std::size_t longest = 0;  // the longest chain of dominating points
    for (const Ranked& other : ranked) {
      const auto& x = other.observation->costs;
      const auto& y = one.observation->costs;
      if (x[0] <= y[0] && x[1] <= y[1] && x != y) {
        RC_ASSERT(other.front < one.front);
        longest = std::max(longest, other.front + 1);
      }
    }
    RC_ASSERT(one.front == longest);
  }
}

}  // namespace
}  // namespace firesweep
