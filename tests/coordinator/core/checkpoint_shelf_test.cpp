#include "coordinator/core/checkpoint_shelf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firesweep {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Worth = CheckpointShelf::Worth;

constexpr TrialId kTrial{1};

StoredCheckpoint made(std::int64_t attempt, std::int64_t number, std::int64_t epoch,
                      std::int64_t bytes = 10) {
  return {{attempt}, number, epoch, bytes, "", "pt", std::to_string(attempt * 100 + number)};
}

TEST(CheckpointShelf, OnlyALaterAndNoLessAdvancedCheckpointTakesAnothersPlace) {
  CheckpointShelf shelf(1000);
  EXPECT_TRUE(shelf.newer(kTrial, made(2, 3, 5)));
  EXPECT_FALSE(shelf.put(kTrial, made(2, 3, 5)));
  EXPECT_FALSE(shelf.newer(kTrial, made(2, 3, 5))) << "the same again";
  EXPECT_FALSE(shelf.newer(kTrial, made(2, 2, 5))) << "an earlier one";
  EXPECT_FALSE(shelf.newer(kTrial, made(1, 9, 9))) << "of an older attempt";
  EXPECT_FALSE(shelf.newer(kTrial, made(3, 1, 4))) << "less far";
  EXPECT_TRUE(shelf.newer(kTrial, made(2, 4, 5))) << "further within the epoch";
  EXPECT_TRUE(shelf.newer(kTrial, made(3, 1, 5)));
  EXPECT_EQ(shelf.put(kTrial, made(3, 1, 6, 30)), made(2, 3, 5));
  EXPECT_EQ(shelf.bytes(), 30);
  shelf.remove(kTrial);
  EXPECT_EQ(shelf.bytes(), 0);
}

TEST(CheckpointShelf, ATrialWaitsForItsCheckpointOrItsTime) {
  CheckpointShelf shelf(1000);
  shelf.await(kTrial, {2}, 4, seconds(30));
  EXPECT_TRUE(shelf.awaits(kTrial, seconds(29)));
  EXPECT_FALSE(shelf.awaits(kTrial, seconds(30)));
  shelf.put(kTrial, made(2, 3, 5));
  EXPECT_TRUE(shelf.awaits(kTrial, seconds(29))) << "an earlier one arrived";
  shelf.put(kTrial, made(2, 4, 5));
  EXPECT_FALSE(shelf.awaits(kTrial, seconds(29)));
  shelf.await(kTrial, {2}, 4, seconds(60));
  EXPECT_FALSE(shelf.awaits(kTrial, seconds(29))) << "it is here already";
}

TEST(CheckpointShelf, ASweepsOwnQuotaLeavesOtherSweepsAndLiveTrialsAlone) {
  CheckpointShelf shelf(1000);
  const auto id = [](std::int64_t sweep, std::int64_t number) {
    return make_trial_id(SweepId{sweep}, number);
  };
  const std::map<TrialId, Worth> worth{{id(1, 9), Worth::kEnded},  {id(2, 0), Worth::kLive},
                                       {id(2, 1), Worth::kEnded},  {id(2, 2), Worth::kWaiting},
                                       {id(3, 0), Worth::kEnded}};
  const auto its = [&](TrialId trial) { return worth.at(trial); };
  for (const auto& [trial, value] : worth) shelf.put(trial, made(1, 1, 2));
  EXPECT_THAT(shelf.surplus_of(SweepId{2}, 30, its), IsEmpty());
  EXPECT_THAT(shelf.surplus_of(SweepId{2}, 29, its), ElementsAre(id(2, 1)));
  EXPECT_THAT(shelf.surplus_of(SweepId{2}, 1, its), ElementsAre(id(2, 1), id(2, 2)))
      << "the live trial's stays, whatever the quota";
  EXPECT_THAT(shelf.surplus(its), IsEmpty());
}

TEST(CheckpointShelf, TheLeastWorthGoesFirstAndALiveTrialsNever) {
  CheckpointShelf shelf(25);
  const std::map<TrialId, Worth> worth{
      {{1}, Worth::kBest}, {{2}, Worth::kLive}, {{3}, Worth::kWaiting}, {{4}, Worth::kEnded}};
  const auto its = [&](TrialId trial) { return worth.at(trial); };
  shelf.put({4}, made(1, 1, 9));
  shelf.put({3}, made(1, 1, 2));
  EXPECT_THAT(shelf.surplus(its), IsEmpty());
  shelf.put({2}, made(1, 1, 1));
  EXPECT_THAT(shelf.surplus(its), ElementsAre(TrialId{4}));
  shelf.put({1}, made(1, 1, 1));
  EXPECT_THAT(shelf.surplus(its), ElementsAre(TrialId{4}, TrialId{3}));
  shelf.put({2}, made(1, 2, 1, 100));
  EXPECT_THAT(shelf.surplus(its), ElementsAre(TrialId{4}, TrialId{3}, TrialId{1}));
}

}  // namespace
}  // namespace firesweep
