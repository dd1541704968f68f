#include "coordinator/search/termination/hyperband.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "tests/coordinator/search/termination/curves.h"

namespace firesweep {
namespace {

// Li et al. 2018, table 1: R = 81, eta = 3 has brackets of 81, 34, 15, 8 and 5 trials.
TEST(Hyperband, HasThePapersBrackets) {
  const auto shares = bracket_shares(5, 3);
  const double sum = 81 + 34 + 15 + 8 + 5;
  ASSERT_EQ(shares.size(), 5);
  EXPECT_DOUBLE_EQ(shares[0], 81 / sum);
  EXPECT_DOUBLE_EQ(shares[1], 34 / sum);
  EXPECT_DOUBLE_EQ(shares[2], 15 / sum);
  EXPECT_DOUBLE_EQ(shares[3], 8 / sum);
  EXPECT_DOUBLE_EQ(shares[4], 5 / sum);
}

TEST(Hyperband, FillsItsBracketsByTheirShares) {
  const auto shares = bracket_shares(5, 3);
  for (const std::uint64_t seed : {0, 1, 77}) {
    std::vector<double> met(shares.size());
    constexpr std::int64_t kTrials = 20'000;
    for (std::int64_t trial = 0; trial < kTrials; ++trial) ++met[bracket_of(trial, seed, shares)];
    for (std::size_t s = 0; s < shares.size(); ++s) {
      EXPECT_NEAR(met[s] / kTrials, shares[s], 0.01) << s;
    }
  }
}

TEST(Hyperband, SkipsTheFirstRungsOfALaterBracket) {
  Hyperband hyperband({1, 3}, 3);
  const auto shares = bracket_shares(5, 3);
  for (std::int64_t trial = 0; trial < 200; ++trial) {
    const auto bracket = static_cast<std::int64_t>(bracket_of(trial, 3, shares));
    std::vector<std::int64_t> decided;
    for (std::int64_t epoch = 1; epoch <= 81; ++epoch) {
      const auto decision = hyperband.take({trial, epoch, 81, 0.5});
      if (!decision) continue;
      decided.push_back(epoch);
      EXPECT_EQ(decision->evidence.bracket, bracket);
    }
    std::vector<std::int64_t> expected{1, 3, 9, 27};
    expected.erase(expected.begin(), expected.begin() + bracket);
    EXPECT_EQ(decided, expected);
  }
}

// Within its bracket a trial is judged as by asha from that bracket's first rung on.
TEST(Hyperband, IsAshaWithinABracket) {
  Hyperband hyperband({1, 3}, 3);
  std::map<std::int64_t, std::unique_ptr<AshaStopping>> ashas;
  const std::vector<std::int64_t> rungs{1, 3, 9, 27};
  for (const Judged& one : search(hyperband, 100, 81, 6, 5)) {
    if (!one.decision) continue;
    auto& asha = ashas[one.decision->evidence.bracket];
    if (!asha) {
      const auto first = rungs.at(static_cast<std::size_t>(one.decision->evidence.bracket));
      asha = std::make_unique<AshaStopping>(AshaOptions{first, 3});
    }
    const auto same = asha->take(one.report);
    ASSERT_TRUE(same);
    EXPECT_EQ(same->stop, one.decision->stop);
    EXPECT_EQ(same->evidence.rank, one.decision->evidence.rank);
  }
  EXPECT_EQ(ashas.size(), 4);
}

}  // namespace
}  // namespace firesweep
