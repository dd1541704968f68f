#include "worker/runtime/slot/absence.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

using std::chrono::seconds;

// Issue 13: a worker that waits for an absent coordinator says so, again and again, but not often.
TEST(Absence, IsToldSoonAndThenEachMinute) {
  Absence absence(seconds(100));
  EXPECT_FALSE(absence.to_tell(seconds(109)));
  EXPECT_EQ(absence.to_tell(seconds(110)), seconds(10));
  EXPECT_FALSE(absence.to_tell(seconds(169)));
  EXPECT_EQ(absence.to_tell(seconds(170)), seconds(70));
  EXPECT_EQ(absence.heard(seconds(175)), seconds(75)) << "what was told is taken back";
  EXPECT_FALSE(absence.heard(seconds(176)));
  EXPECT_FALSE(absence.to_tell(seconds(185)));
}

}  // namespace
}  // namespace firesweep
