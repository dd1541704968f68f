// Terminators that look at whole curves: median, threshold, plateau; and the one that looks at the
// first epoch.
#include "tests/coordinator/search/termination/curves.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "coordinator/search/termination/median.h"
#include "coordinator/search/termination/one_epoch.h"
#include "coordinator/search/termination/plateau.h"
#include "coordinator/search/termination/threshold.h"

namespace firesweep {
namespace {

// Means of the others at epoch 2: 0.15, 0.3, 0.45; the median is 0.3.
TEST(MedianStopping, ComparesTheBestWithTheMedianOfMeans) {
  MedianStopping median({1, 3});
  for (std::int64_t trial = 1; trial <= 3; ++trial) {
    median.take({trial, 1, 9, 0.1 * static_cast<double>(trial)});
    median.take({trial, 2, 9, 0.2 * static_cast<double>(trial)});
  }
  median.take({4, 1, 9, 0.29});
  const auto below = median.take({4, 2, 9, 0.1});
  ASSERT_TRUE(below);
  EXPECT_TRUE(below->stop);
  EXPECT_DOUBLE_EQ(below->evidence.score, 0.29);
  EXPECT_DOUBLE_EQ(below->evidence.threshold, 0.3);
  EXPECT_EQ(below->evidence.rank, 3);
  EXPECT_EQ(below->evidence.seen, 4);
  const auto above = median.take({4, 2, 9, 0.31});
  ASSERT_TRUE(above);
  EXPECT_FALSE(above->stop);
}

TEST(MedianStopping, WaitsForOthers) {
  MedianStopping median({1, 3});
  EXPECT_FALSE(median.take({1, 1, 9, 0.9}));
  EXPECT_FALSE(median.take({2, 1, 9, 0.9}));
  EXPECT_FALSE(median.take({3, 1, 9, 0.1}));
  EXPECT_TRUE(median.take({4, 1, 9, 0.1}));
}

RC_GTEST_PROP(MedianStopping, DecidesAsItsDefinitionDoes, ()) {
  MedianStopping median({2, 4});
  std::map<std::string, std::map<std::int64_t, std::vector<double>>> curves;
  for (const Judged& one : search(median, 40, 12, 5, *rc::gen::arbitrary<std::uint64_t>())) {
    auto& group = curves[one.report.group];
    group[one.report.trial].push_back(one.report.score);
    const auto length = static_cast<std::size_t>(one.report.epoch);
    std::vector<double> means;
    for (const auto& [trial, curve] : group) {
      if (trial == one.report.trial || curve.size() < length) continue;
      double sum = 0;
      for (std::size_t i = 0; i < length; ++i) sum += curve[i];
      means.push_back(sum / static_cast<double>(length));
    }
    std::ranges::sort(means);
    RC_ASSERT(one.decision.has_value() ==
              (means.size() >= 4 && one.report.epoch >= 2 && one.report.epoch < 12));
    if (!one.decision) continue;
    const double middle = (means[(means.size() - 1) / 2] + means[means.size() / 2]) / 2;
    RC_ASSERT(one.decision->stop == (std::ranges::max(group[one.report.trial]) < middle));
  }
}

TEST(ThresholdStopping, StopsBelow) {
  ThresholdStopping threshold({3, 0.1});
  EXPECT_FALSE(threshold.take({1, 2, 9, 0.01}));
  EXPECT_FALSE(threshold.take({1, 3, 9, 0.1})->stop);
  EXPECT_TRUE(threshold.take({1, 4, 9, 0.0999})->stop);
  EXPECT_FALSE(threshold.take({1, 9, 9, 0.01}));
}

TEST(PlateauStopping, StopsWhatHasNotImprovedForSoLong) {
  PlateauStopping plateau({1, 3, 0.01});
  const std::vector<double> scores{0.1, 0.3, 0.305, 0.309, 0.3095, 0.32, 0.335, 0.31, 0.31, 0.31};
  std::vector<bool> stops;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto decision = plateau.take({1, static_cast<std::int64_t>(i) + 1, 20, scores[i]});
    EXPECT_EQ(decision.has_value(), i >= 3) << i;
    stops.push_back(decision && decision->stop);
  }
  // At the fifth epoch 0.3095 is no more than 0.01 above the 0.3 of the second.
  EXPECT_EQ(stops, (std::vector<bool>{false, false, false, false, true, false, false, false, false,
                                      true}));
}

TEST(OneEpochTopK, LetsTheBestOfThoseSoFarGoOnToTheEnd) {
  OneEpochTopK top({.k = 2});
  const std::vector<double> scores{0.3, 0.1, 0.2, 0.2, 0.4, 0.25, 0.35};
  std::vector<bool> stops;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto trial = static_cast<std::int64_t>(i);
    stops.push_back(top.take({trial, 1, 9, scores[i]})->stop);
    EXPECT_FALSE(top.take({trial, 2, 9, 0})) << "one comparison decides";
  }
  EXPECT_EQ(stops, (std::vector<bool>{false, false, false, false, false, true, false}));
  EXPECT_FALSE(top.take({9, 1, 1, 0.0})) << "its last epoch";
}

// Whoever is among the best k of all went on.
RC_GTEST_PROP(OneEpochTopK, StopsNoneOfTheBestOfAll, ()) {
  const auto k = *rc::gen::inRange<std::int64_t>(1, 9);
  OneEpochTopK top({.k = k});
  std::map<std::string, std::vector<Judged>> groups;
  for (Judged& one : search(top, 40, 5, 4, *rc::gen::arbitrary<std::uint64_t>())) {
    if (one.report.epoch == 1) groups[one.report.group].push_back(std::move(one));
  }
  for (const auto& [name, group] : groups) {
    for (const Judged& one : group) {
      const auto better = std::ranges::count_if(
          group, [&](const Judged& other) { return other.report.score > one.report.score; });
      RC_ASSERT(one.decision.has_value());
      RC_ASSERT(better >= k || !one.decision->stop);
    }
  }
}

RC_GTEST_PROP(PlateauStopping, DecidesAsItsDefinitionDoes, ()) {
  const auto patience = *rc::gen::inRange<std::int64_t>(1, 6);
  PlateauStopping plateau({2, patience, 0.02});
  std::map<std::int64_t, std::vector<double>> curves;
  for (const Judged& one : search(plateau, 30, 15, 4, *rc::gen::arbitrary<std::uint64_t>())) {
    auto& curve = curves[one.report.trial];
    curve.push_back(one.report.score);
    if (!one.decision) {
      RC_ASSERT(one.report.epoch <= patience || one.report.epoch < 2 || one.report.epoch == 15);
      continue;
    }
    const auto cut = curve.end() - patience;
    RC_ASSERT(one.decision->stop == (*std::max_element(cut, curve.end()) <=
                                     *std::max_element(curve.begin(), cut) + 0.02));
  }
}

}  // namespace
}  // namespace firesweep
