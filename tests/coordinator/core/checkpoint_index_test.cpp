#include "coordinator/core/checkpoint_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firesweep {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using EvictionRank = CheckpointIndex::EvictionRank;

constexpr TrialId kTrial{1};

StoredCheckpoint made(std::int64_t attempt, std::int64_t number, std::int64_t epoch,
                      std::int64_t bytes = 10) {
  return {{attempt}, number, epoch, bytes, "", "pt", std::to_string(attempt * 100 + number)};
}

TEST(CheckpointIndex, OnlyALaterAndNoLessAdvancedCheckpointTakesAnothersPlace) {
  CheckpointIndex index(1000);
  EXPECT_TRUE(index.newer(kTrial, made(2, 3, 5)));
  EXPECT_FALSE(index.put(kTrial, made(2, 3, 5)));
  EXPECT_FALSE(index.newer(kTrial, made(2, 3, 5))) << "the same again";
  EXPECT_FALSE(index.newer(kTrial, made(2, 2, 5))) << "an earlier one";
  EXPECT_FALSE(index.newer(kTrial, made(1, 9, 9))) << "of an older attempt";
  EXPECT_FALSE(index.newer(kTrial, made(3, 1, 4))) << "less far";
  EXPECT_TRUE(index.newer(kTrial, made(2, 4, 5))) << "further within the epoch";
  EXPECT_TRUE(index.newer(kTrial, made(3, 1, 5)));
  EXPECT_EQ(index.put(kTrial, made(3, 1, 6, 30)), made(2, 3, 5));
  EXPECT_EQ(index.bytes(), 30);
  index.remove(kTrial);
  EXPECT_EQ(index.bytes(), 0);
}

TEST(CheckpointIndex, ATrialWaitsForItsCheckpointOrItsTime) {
  CheckpointIndex index(1000);
  index.await(kTrial, {2}, 4, seconds(30));
  EXPECT_TRUE(index.awaits(kTrial, seconds(29)));
  EXPECT_FALSE(index.awaits(kTrial, seconds(30)));
  index.put(kTrial, made(2, 3, 5));
  EXPECT_TRUE(index.awaits(kTrial, seconds(29))) << "an earlier one arrived";
  index.put(kTrial, made(2, 4, 5));
  EXPECT_FALSE(index.awaits(kTrial, seconds(29)));
  index.await(kTrial, {2}, 4, seconds(60));
  EXPECT_FALSE(index.awaits(kTrial, seconds(29))) << "it is here already";
}

TEST(CheckpointIndex, ASweepsOwnQuotaLeavesOtherSweepsAndLiveTrialsAlone) {
  CheckpointIndex index(1000);
  const auto id = [](std::int64_t sweep, std::int64_t number) {
    return make_trial_id(SweepId{sweep}, number);
  };
  const std::map<TrialId, EvictionRank> worth{{id(1, 9), EvictionRank::kEnded},
                                              {id(2, 0), EvictionRank::kLive},
                                              {id(2, 1), EvictionRank::kEnded},
                                              {id(2, 2), EvictionRank::kWaiting},
                                              {id(3, 0), EvictionRank::kEnded}};
  const auto its = [&](TrialId trial) { return worth.at(trial); };
  for (const auto& [trial, value] : worth) index.put(trial, made(1, 1, 2));
  EXPECT_THAT(index.surplus_of(SweepId{2}, 30, its), IsEmpty());
  EXPECT_THAT(index.surplus_of(SweepId{2}, 29, its), ElementsAre(id(2, 1)));
  EXPECT_THAT(index.surplus_of(SweepId{2}, 1, its), ElementsAre(id(2, 1), id(2, 2)))
      << "the live trial's stays, whatever the quota";
  EXPECT_THAT(index.surplus(its), IsEmpty());
}

TEST(CheckpointIndex, TheLeastWorthGoesFirstAndALiveTrialsNever) {
  CheckpointIndex index(25);
  const std::map<TrialId, EvictionRank> worth{{{1}, EvictionRank::kBest},
                                              {{2}, EvictionRank::kLive},
                                              {{3}, EvictionRank::kWaiting},
                                              {{4}, EvictionRank::kEnded}};
  const auto its = [&](TrialId trial) { return worth.at(trial); };
  index.put({4}, made(1, 1, 9));
  index.put({3}, made(1, 1, 2));
  EXPECT_THAT(index.surplus(its), IsEmpty());
  index.put({2}, made(1, 1, 1));
  EXPECT_THAT(index.surplus(its), ElementsAre(TrialId{4}));
  index.put({1}, made(1, 1, 1));
  EXPECT_THAT(index.surplus(its), ElementsAre(TrialId{4}, TrialId{3}));
  index.put({2}, made(1, 2, 1, 100));
  EXPECT_THAT(index.surplus(its), ElementsAre(TrialId{4}, TrialId{3}, TrialId{1}));
}

}  // namespace
}  // namespace firesweep
