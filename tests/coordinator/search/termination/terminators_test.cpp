// What every terminator promises.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>
#include <ostream>
#include <string>

#include "coordinator/search/termination/asha.h"
#include "coordinator/search/termination/hyperband.h"
#include "coordinator/search/termination/median.h"
#include "coordinator/search/termination/one_epoch.h"
#include "coordinator/search/termination/plateau.h"
#include "coordinator/search/termination/threshold.h"
#include "tests/coordinator/search/termination/curves.h"

namespace firesweep {
namespace {

struct Named {
  std::string name;
  std::function<std::unique_ptr<Terminator>()> make;
};
void PrintTo(const Named& named, std::ostream* out) { *out << named.name; }

const std::vector<Named> kTerminators{
    {"asha", [] { return std::make_unique<AshaStopping>(AshaOptions{2, 3}); }},
    {"hyperband", [] { return std::make_unique<Hyperband>(AshaOptions{2, 3}, 7); }},
    {"median", [] { return std::make_unique<MedianStopping>(MedianOptions{2, 3}); }},
    {"threshold", [] { return std::make_unique<ThresholdStopping>(ThresholdOptions{2, 0.3}); }},
    {"plateau", [] { return std::make_unique<PlateauStopping>(PlateauOptions{2, 4, 0.01}); }},
    {"one_epoch_top_k", [] { return std::make_unique<OneEpochTopK>(OneEpochOptions{2, 8}); }},
};

constexpr std::int64_t kTrials = 60;
constexpr std::int64_t kEpochs = 20;

class EveryTerminator : public ::testing::TestWithParam<Named> {
 protected:
  std::vector<Judged> searched(std::uint64_t seed) const {
    return search(*GetParam().make(), kTrials, kEpochs, 4, seed);
  }
};

TEST_P(EveryTerminator, StopsSomeAndNotAll) {
  std::int64_t stopped = 0;
  std::int64_t finished = 0;
  for (const Judged& one : searched(1)) {
    stopped += one.decision && one.decision->stop ? 1 : 0;
    finished += one.report.epoch == kEpochs ? 1 : 0;
  }
  EXPECT_GT(stopped, kTrials / 4);
  EXPECT_GT(finished, 0);
  EXPECT_EQ(stopped + finished, kTrials);
}

TEST_P(EveryTerminator, DecidesNothingBeforeMinIterNorAtTheEnd) {
  for (const Judged& one : searched(2)) {
    if (one.report.epoch >= 2 && one.report.epoch < kEpochs) continue;
    EXPECT_FALSE(one.decision) << one.report.epoch;
  }
}

TEST_P(EveryTerminator, DecidesAgainFromTheEvidence) {
  const auto other = GetParam().make();
  for (const Judged& one : searched(3)) {
    if (!one.decision) continue;
    EXPECT_EQ(other->stops(one.decision->evidence), one.decision->stop);
    EXPECT_EQ(one.decision->evidence.epoch, one.report.epoch);
  }
}

// As after a restart: the reports so far, in any order, then the next.
TEST_P(EveryTerminator, KnowsTheSameFromStoredReports) {
  const auto judged = searched(4);
  for (std::size_t cut = 0; cut < judged.size(); cut += 17) {
    const auto restored = GetParam().make();
    for (std::size_t i = 0; i < cut; ++i) {
      restored->take(judged[(i * 7 + 3) % cut == i ? i : cut - 1 - i].report);
    }
    EXPECT_EQ(restored->take(judged[cut].report), judged[cut].decision) << cut;
  }
}

TEST_P(EveryTerminator, CountsARepeatedReportOnce) {
  const auto judged = searched(5);
  const auto twice = GetParam().make();
  for (const Judged& one : judged) {
    twice->take(one.report);
    EXPECT_EQ(twice->take(one.report), one.decision);
  }
}

// An epoch that is trained again replaces what was reported before.
TEST_P(EveryTerminator, TakesTheNewestReportOfAnEpoch) {
  const auto judged = searched(6);
  const auto corrected = GetParam().make();
  for (const Judged& one : judged) {
    TrialReport wrong = one.report;
    wrong.score = 1 - wrong.score;
    corrected->take(wrong);
    EXPECT_EQ(corrected->take(one.report), one.decision);
  }
}

TEST_P(EveryTerminator, StopsNan) {
  const auto terminator = GetParam().make();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  bool stopped = false;
  for (std::int64_t epoch = 1; epoch < kEpochs; ++epoch) {
    for (std::int64_t trial = 1; trial <= 40; ++trial) terminator->take({trial, epoch, kEpochs, 1});
    const auto decision = terminator->take({0, epoch, kEpochs, nan});
    stopped = stopped || (decision && decision->stop);
  }
  EXPECT_TRUE(stopped);
}

INSTANTIATE_TEST_SUITE_P(Terminators, EveryTerminator, ::testing::ValuesIn(kTerminators),
                         [](const auto& tested) { return tested.param.name; });

// Whoever compares trials compares those of one group.
class EveryComparison : public ::testing::TestWithParam<Named> {};

TEST_P(EveryComparison, IsWithinAGroup) {
  const auto both = GetParam().make();
  const auto alone = GetParam().make();
  for (const Judged& one : search(*both, kTrials, kEpochs, 4, 8)) {
    if (one.report.group != "b") continue;
    EXPECT_EQ(alone->take(one.report), one.decision);
  }
}

TEST_P(EveryComparison, IsAmongTrialsOfEqualLength) {
  const auto terminator = GetParam().make();
  const auto alone = GetParam().make();
  for (const Judged& one : search(*alone, kTrials, kEpochs, 4, 9)) {
    TrialReport longer = one.report;
    longer.trial += kTrials;
    longer.epochs *= 2;
    longer.score += 1;
    terminator->take(longer);
    EXPECT_EQ(terminator->take(one.report), one.decision);
  }
}

INSTANTIATE_TEST_SUITE_P(Terminators, EveryComparison,
                         ::testing::Values(kTerminators[0], kTerminators[1], kTerminators[2]),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace firesweep
