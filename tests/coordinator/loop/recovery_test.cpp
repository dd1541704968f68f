#include "coordinator/loop/recovery.h"

#include <gtest/gtest.h>

#include <vector>

namespace firesweep {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kNow = seconds(100);

TEST(Recovery, BeginsWell) {
  const Recovery recovery;
  EXPECT_FALSE(recovery.under_way());
  EXPECT_EQ(recovery.trouble(), "");
  EXPECT_EQ(recovery.failures(), 0);
}

TEST(Recovery, EveryFailureWaitsTwiceAsLongAndAtMostFiveSeconds) {
  Recovery recovery;
  std::vector<Duration> waits;
  for (int i = 0; i < 8; ++i) {
    recovery.begin("the disk is full", kNow);
    waits.push_back(recovery.retry_at() - kNow);
    recovery.end();  // reading it is no proof that it can be written
  }
  EXPECT_EQ(waits, (std::vector<Duration>{milliseconds(100), milliseconds(200), milliseconds(400),
                                          milliseconds(800), milliseconds(1600), milliseconds(3200),
                                          seconds(5), seconds(5)}));
  EXPECT_EQ(recovery.failures(), 8);
}

TEST(Recovery, TheTroubleIsToldUntilACommitSucceeds) {
  Recovery recovery;
  recovery.begin("the disk is full", kNow);
  recovery.end();
  EXPECT_FALSE(recovery.under_way());
  EXPECT_EQ(recovery.trouble(), "the disk is full");
  recovery.clear();
  EXPECT_EQ(recovery.trouble(), "");
  recovery.begin("the disk is full", kNow);
  EXPECT_EQ(recovery.retry_at() - kNow, milliseconds(100)) << "it begins anew";
}

TEST(Recovery, WhatTheDatabaseRefusesIsToldAndNothingIsReadAgain) {
  Recovery recovery;
  recovery.note("it refuses a row");
  EXPECT_FALSE(recovery.under_way());
  EXPECT_EQ(recovery.trouble(), "it refuses a row");
  EXPECT_EQ(recovery.failures(), 0);
}

}  // namespace
}  // namespace firesweep
