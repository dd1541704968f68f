#include "shared/transport/newcomers.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

using std::chrono::milliseconds;

const Newcomers::Time kStart = Newcomers::Time() + std::chrono::hours(1);

TEST(Newcomers, ThousandsWhoProveThemselvesCloseNothing) {
  Newcomers newcomers;
  for (int i = 0; i < 100'000; ++i) {
    newcomers.accepted(kStart);
    if (i >= 900) newcomers.admitted(kStart);
    EXPECT_FALSE(newcomers.closed(kStart));
  }
}

TEST(Newcomers, StrangersCloseItUntilHalfAreForgiven) {
  Newcomers newcomers;
  int count = 0;
  for (; count < 5000 && !newcomers.closed(kStart); ++count) newcomers.accepted(kStart);
  EXPECT_EQ(count, 1000);
  EXPECT_EQ(newcomers.opens_at(), kStart + milliseconds(250));
  EXPECT_TRUE(newcomers.closed(kStart + milliseconds(249)));
  EXPECT_FALSE(newcomers.closed(kStart + milliseconds(251)));
}

TEST(Newcomers, OfAnEndlessFloodTwoThousandASecondAreAccepted) {
  Newcomers newcomers;
  int in = 0;
  for (int tenth_ms = 0; tenth_ms < 10 * 10'000; ++tenth_ms) {  // ten seconds, 20,000 a second
    const auto now = kStart + std::chrono::microseconds(100 * tenth_ms);
    for (int i = 0; i < 2; ++i) {
      if (newcomers.closed(now)) continue;
      newcomers.accepted(now);
      ++in;
    }
  }
  EXPECT_GE(in, 10 * 1900);
  EXPECT_LE(in, 1000 + 10 * 2100);
}

TEST(Newcomers, AdmittedOnesOpenItAtOnce) {
  Newcomers newcomers;
  for (int i = 0; i < 1000; ++i) newcomers.accepted(kStart);
  EXPECT_TRUE(newcomers.closed(kStart));
  for (int i = 0; i < 500; ++i) newcomers.admitted(kStart);
  EXPECT_FALSE(newcomers.closed(kStart));
}

}  // namespace
}  // namespace firesweep
