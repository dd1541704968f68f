#include "coordinator/search/termination/asha.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "tests/coordinator/search/termination/curves.h"

namespace firesweep {
namespace {

Decision at_rung_one(AshaStopping& asha, std::int64_t trial, double score) {
  const auto decision = asha.take({trial, 1, 9, score});
  EXPECT_TRUE(decision);
  return *decision;
}

// eta 3: of six trials in rising order each one is the best so far; of six in falling order only
// the first goes on.
TEST(AshaStopping, KeepsAThird) {
  AshaStopping rising({1, 3});
  AshaStopping falling({1, 3});
  for (std::int64_t i = 0; i < 6; ++i) {
    EXPECT_FALSE(at_rung_one(rising, i, 0.1 * static_cast<double>(i)).stop);
    const Decision decision = at_rung_one(falling, i, 1 - 0.1 * static_cast<double>(i));
    EXPECT_EQ(decision.stop, i > 0);
    EXPECT_EQ(decision.evidence.rank, i + 1);
    EXPECT_EQ(decision.evidence.seen, i + 1);
    // The second best is good enough once there are six.
    EXPECT_DOUBLE_EQ(decision.evidence.threshold, i < 5 ? 1 : 0.9);
  }
}

TEST(AshaStopping, DecidesAtRungsOnly) {
  AshaStopping asha({1, 3});
  for (std::int64_t epoch = 1; epoch <= 27; ++epoch) {
    const bool rung = epoch == 1 || epoch == 3 || epoch == 9;
    EXPECT_EQ(asha.take({1, epoch, 27, 0.5}).has_value(), rung) << epoch;
  }
}

RC_GTEST_PROP(AshaStopping, DecidesAsItsDefinitionDoes, ()) {
  const double eta = *rc::gen::element(1.5, 2.0, 3.0, 4.0);
  AshaStopping asha({1, eta});
  std::map<std::pair<std::string, std::int64_t>, std::vector<double>> met;
  for (const Judged& one : search(asha, 50, 20, 5, *rc::gen::arbitrary<std::uint64_t>())) {
    if (!one.decision) continue;
    auto& scores = met[{one.report.group, one.report.epoch}];
    scores.push_back(one.report.score);
    std::ranges::sort(scores, std::greater<>());
    const auto best = std::max<std::size_t>(
        1, static_cast<std::size_t>(static_cast<double>(scores.size()) / eta + 1e-9));
    RC_ASSERT(one.decision->stop == (one.report.score < scores[best - 1]));
    RC_ASSERT(one.decision->evidence.threshold == scores[best - 1]);
    RC_ASSERT(one.decision->evidence.seen == static_cast<std::int64_t>(scores.size()));
  }
}

}  // namespace
}  // namespace firesweep
