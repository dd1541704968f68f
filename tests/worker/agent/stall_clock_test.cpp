#include "worker/agent/stall_clock.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(StallClock, HasNoDeadlineWhileNothingRuns) {
  StallClock clock{StallBounds{}};
  EXPECT_FALSE(clock.deadline());
  clock.begin(seconds(0));
  clock.end();
  clock.unit(seconds(1));
  EXPECT_FALSE(clock.deadline());
}

TEST(StallClock, TheWayToTheFirstUnitIsNoMeasureForTheRest) {
  StallClock clock{StallBounds{}};
  clock.begin(seconds(0));
  EXPECT_EQ(clock.deadline(), minutes(15));
  clock.unit(seconds(100));
  EXPECT_EQ(clock.deadline(), seconds(160));
}

TEST(StallClock, TheLongestUnitCountsNotTheLast) {
  StallClock clock{StallBounds{}};
  clock.begin(seconds(0));
  clock.unit(seconds(1));
  clock.unit(seconds(21));
  clock.unit(seconds(22));
  EXPECT_EQ(clock.deadline(), seconds(222));
}

TEST(StallClock, EachTrialIsMeasuredAnew) {
  StallClock clock{StallBounds{}};
  clock.begin(seconds(0));
  clock.unit(seconds(1));
  clock.unit(seconds(51));
  clock.begin(seconds(60));
  clock.unit(seconds(61));
  EXPECT_EQ(clock.deadline(), seconds(121));
}

TEST(StallClock, SuspensionMovesTheDeadlineButNotBeyondNow) {
  StallClock clock{StallBounds{}};
  clock.begin(seconds(0));
  clock.unit(seconds(10));
  clock.suspended(seconds(100), seconds(105));
  EXPECT_EQ(clock.deadline(), seconds(165));
}

}  // namespace
}  // namespace firesweep
