#include "coordinator/core/quarantine.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(Quarantine, TheSameTrialFailingAgainIsOneFailure) {
  Quarantine quarantine;
  for (int i = 0; i < 10; ++i) quarantine.note_failure("w", {1}, seconds(0));
  EXPECT_FALSE(quarantine.holds("w", seconds(0)));
  quarantine.note_failure("w", {2}, seconds(0));
  quarantine.note_failure("w", {3}, seconds(0));
  EXPECT_TRUE(quarantine.holds("w", minutes(59)));
  EXPECT_FALSE(quarantine.holds("w", minutes(61)));
  EXPECT_FALSE(quarantine.holds("other", seconds(0)));
}

TEST(Quarantine, ASuccessEndsTheRow) {
  Quarantine quarantine;
  quarantine.note_failure("w", {1}, seconds(0));
  quarantine.note_failure("w", {2}, seconds(0));
  quarantine.note_success("w");
  quarantine.note_failure("w", {3}, seconds(0));
  EXPECT_FALSE(quarantine.holds("w", seconds(0)));
}

TEST(Quarantine, IsEndedByHand) {
  Quarantine quarantine;
  for (std::int64_t trial = 1; trial <= 3; ++trial)
    quarantine.note_failure("w", {trial}, seconds(0));
  EXPECT_EQ(quarantine.names(seconds(1)), std::vector<std::string>{"w"});
  quarantine.release("w");
  EXPECT_TRUE(quarantine.names(seconds(1)).empty());
}

}  // namespace
}  // namespace firesweep
