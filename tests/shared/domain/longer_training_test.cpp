#include "shared/domain/longer_training.h"

#include <gtest/gtest.h>

#include <string>

namespace firesweep {
namespace {

TrialConfig training(std::int64_t epochs, std::int64_t cooldown = 0,
                     const std::string& schedule = "constant", std::int64_t laid_over = 0) {
  TrialConfig config;
  config.schedule = schedule;
  config.epochs = epochs;
  config.cooldown_epochs = cooldown;
  config.schedule_epochs = laid_over;
  return config;
}

TEST(LongerTraining, GoesOnFromAConstantOneThatDidNotCoolDown) {
  EXPECT_TRUE(begins_with(training(6), training(4)));
  EXPECT_FALSE(begins_with(training(4), training(4)));
  EXPECT_FALSE(begins_with(training(4), training(6)));
  EXPECT_FALSE(begins_with(training(6), training(4, 1)));
  EXPECT_FALSE(begins_with(training(6, 1), training(4, 1)));
}

TEST(LongerTraining, MayCoolDownWhereTheShorterOneEndsAndNotEarlier) {
  EXPECT_TRUE(begins_with(training(10, 2), training(8)));
  EXPECT_TRUE(begins_with(training(10, 2), training(7)));
  EXPECT_FALSE(begins_with(training(10, 3), training(8)));
  EXPECT_FALSE(begins_with(training(10, 20), training(8)));
}

TEST(LongerTraining, OfOtherSchedulesGoesOnWhateverTheCooldownWhichTheyDoNotHave) {
  EXPECT_TRUE(
      begins_with(training(6, 4, "one_cycle_per_epoch"), training(4, 1, "one_cycle_per_epoch")));
  EXPECT_TRUE(begins_with(training(6, 4, "cosine", 3), training(4, 0, "cosine", 3)));
  EXPECT_FALSE(begins_with(training(6, 0, "cosine"), training(4, 0, "cosine")));
}

TEST(LongerTraining, MayBeginWhereTheShorterOneKeepsItsCheckpoint) {
  EXPECT_TRUE(may_be_continued(training(4)));
  EXPECT_FALSE(may_be_continued(training(4, 1)));
  EXPECT_FALSE(may_be_continued(training(4, 1, "one_cycle")));
}

}  // namespace
}  // namespace firesweep
