#include "coordinator/core/checkpoint_pulls.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

using std::chrono::seconds;

constexpr TrialKey kKey{{1}, {1}};

CheckpointOffer offer(std::int64_t bytes, const std::string& sha = "a") {
  return {kKey, 1, 1, bytes, sha, "pt"};
}

CheckpointChunk chunk_for(const CheckpointPull& pull, std::int64_t bytes) {
  return {pull.key, pull.sha256, pull.offset, std::string(static_cast<std::size_t>(bytes), 'x')};
}

class Pulls : public ::testing::Test {
 protected:
  PullLimits limits{.chunk = 10, .window = 4, .on_the_way = 60, .again = seconds(5)};
  CheckpointPulls pulls{limits};
  SessionId a{0, 1}, b{0, 2};
};

TEST_F(Pulls, AWholeCheckpointIsAskedForOnceAndInTurn) {
  EXPECT_TRUE(pulls.offer(a, offer(35), seconds(0)));
  EXPECT_FALSE(pulls.offer(a, offer(35), seconds(1))) << "said again";
  const auto asked = pulls.next(seconds(1));
  ASSERT_EQ(asked.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(asked[i].second.offset, static_cast<std::int64_t>(10 * i));
    EXPECT_FALSE(pulls.complete(a));
    EXPECT_TRUE(pulls.arrived(a, chunk_for(asked[i].second, i == 3 ? 5 : 10), seconds(1)));
  }
  EXPECT_TRUE(pulls.complete(a));
  EXPECT_TRUE(pulls.next(seconds(1)).empty());
}

TEST_F(Pulls, NoWorkerHasMoreThanItsWindowOnTheWayNorAllMoreThanTheirs) {
  pulls.offer(a, offer(1000), seconds(0));
  EXPECT_EQ(pulls.next(seconds(0)).size(), 4u);
  EXPECT_TRUE(pulls.next(seconds(0)).empty());
  pulls.offer(b, offer(1000, "b"), seconds(0));
  EXPECT_EQ(pulls.next(seconds(0)).size(), 2u) << "60 bytes in all";
  EXPECT_TRUE(pulls.arrived(a, chunk_for({kKey, "a", 10}, 10), seconds(1)));
  const auto asked = pulls.next(seconds(1));
  ASSERT_EQ(asked.size(), 1u);
}

TEST_F(Pulls, WhatIsNotAskedForIsNotTaken) {
  pulls.offer(a, offer(35), seconds(0));
  const auto asked = pulls.next(seconds(0));
  EXPECT_FALSE(pulls.arrived(b, chunk_for(asked[0].second, 10), seconds(0)));
  EXPECT_FALSE(pulls.arrived(a, chunk_for(asked[0].second, 9), seconds(0))) << "cut short";
  EXPECT_FALSE(pulls.arrived(a, chunk_for({kKey, "b", 0}, 10), seconds(0)));
  EXPECT_FALSE(pulls.arrived(a, chunk_for({kKey, "a", 5}, 10), seconds(0)));
  EXPECT_TRUE(pulls.arrived(a, chunk_for(asked[0].second, 10), seconds(0)));
  EXPECT_FALSE(pulls.arrived(a, chunk_for(asked[0].second, 10), seconds(0))) << "twice";
}

TEST_F(Pulls, AnotherCheckpointOfTheWorkerTakesTheFirstOnesPlace) {
  pulls.offer(a, offer(1000), seconds(0));
  pulls.next(seconds(0));
  EXPECT_TRUE(pulls.offer(a, offer(20, "c"), seconds(0)));
  const auto asked = pulls.next(seconds(0));
  ASSERT_EQ(asked.size(), 2u) << "what was on the way is forgotten";
  EXPECT_EQ(asked[0].second.sha256, "c");
}

TEST_F(Pulls, WhileChunksComeNothingIsAskedForTwice) {
  pulls.offer(a, offer(40), seconds(0));
  const auto asked = pulls.next(seconds(0));
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(pulls.next(seconds(4 * i + 4)).empty()) << "four seconds for each chunk";
    EXPECT_TRUE(pulls.arrived(a, chunk_for(asked[static_cast<std::size_t>(i)].second, 10),
                              seconds(4 * i + 4)));
  }
}

TEST_F(Pulls, AfterAReconnectionAllThatWasOnTheWayIsAskedForAtOnce) {
  pulls.offer(a, offer(30), seconds(0));
  const auto asked = pulls.next(seconds(0));
  EXPECT_TRUE(pulls.arrived(a, chunk_for(asked[0].second, 10), seconds(1)));
  pulls.reconnected(a);
  EXPECT_EQ(pulls.next(seconds(1)).size(), 2u);
  EXPECT_TRUE(pulls.next(seconds(1)).empty()) << "once";
}

TEST_F(Pulls, ALostChunkIsAskedForAgainAndASilentWorkerLosesItsPlace) {
  pulls.offer(a, offer(10), seconds(0));
  EXPECT_EQ(pulls.next(seconds(0)).size(), 1u);
  EXPECT_TRUE(pulls.next(seconds(4)).empty());
  EXPECT_EQ(pulls.next(seconds(5)).size(), 1u);
  EXPECT_TRUE(pulls.abandoned(seconds(59)).empty());
  EXPECT_EQ(pulls.abandoned(seconds(60)).size(), 1u);
  EXPECT_EQ(pulls.running(a), nullptr);
  pulls.offer(b, offer(1000, "b"), seconds(60));
  EXPECT_EQ(pulls.next(seconds(60)).size(), 4u) << "its bytes are no longer on the way";
}

}  // namespace
}  // namespace firesweep
