#include "shared/domain/trial_work.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "shared/domain/fields.h"

namespace firesweep {
namespace {

constexpr std::int64_t kAll = 50'000;

TrialConfig config_of(double val_size, std::int64_t train_size = 0) {
  TrialConfig config;
  config.val_size = val_size;
  config.train_size = train_size;
  config.drop_last = false;
  return config;
}

TEST(TrialWork, FractionsHoldOutTheNearestCount) {
  EXPECT_EQ(held_out_images(0.1, kAll), 5'000);
  EXPECT_EQ(held_out_images(0.33, kAll), 16'500);
  EXPECT_EQ(held_out_images(1.0 / 3, kAll), 16'667) << "16,666.67";
  EXPECT_EQ(held_out_images(0.1, 55), 6) << "5.5: halves go up";
  EXPECT_EQ(held_out_images(0.29, 100), 29) << "0.29 × 100 is a little below 29 in binary";
  EXPECT_EQ(held_out_images(0.999999, kAll), kAll);
}

TEST(TrialWork, CountsHoldOutThatMany) {
  EXPECT_EQ(held_out_images(0, kAll), 0);
  EXPECT_EQ(held_out_images(1, kAll), 1);
  EXPECT_EQ(held_out_images(5'000, kAll), 5'000);
}

TEST(TrialWork, NonsenseHoldsOutNothingOrAll) {
  EXPECT_EQ(held_out_images(-1, kAll), 0);
  EXPECT_EQ(held_out_images(std::nan(""), kAll), 0);
  EXPECT_EQ(held_out_images(1e300, kAll), kAll);
  EXPECT_EQ(held_out_images(std::numeric_limits<double>::infinity(), kAll), kAll);
}

TEST(TrialWork, TrainsOnWhatTheSplitLeaves) {
  EXPECT_EQ(trial_images(config_of(0.1), kAll).training, 45'000);
  EXPECT_EQ(trial_images(config_of(1.0 / 3), kAll).training, 33'333);
  EXPECT_EQ(trial_images(config_of(5'000, 2'000), kAll).training, 2'000);
  EXPECT_EQ(trial_images(config_of(5'000, 46'000), kAll).training, 45'000)
      << "more than what is left is what is left";
}

TEST(TrialWork, OnlyProtocolHeldOutHoldsOut) {
  for (const Protocol protocol : {Protocol::kStudy, Protocol::kRefit}) {
    TrialConfig config = config_of(5'000);
    config.protocol = protocol;
    EXPECT_EQ(trial_images(config, kAll).held_out, 0) << to_string(protocol);
    EXPECT_EQ(trial_images(config, kAll).training, kAll) << to_string(protocol);
  }
}

TEST(TrialWork, TheLastPartialBatchCountsUnlessItIsDropped) {
  TrialConfig config = config_of(5'000);
  config.batch_size = 128;
  EXPECT_EQ(trial_images(config, kAll), (TrialImages{5'000, 45'000, 352, 45'000}));
  config.drop_last = true;
  EXPECT_EQ(trial_images(config, kAll), (TrialImages{5'000, 45'000, 351, 44'928}));
  config.batch_size = 65'536;
  EXPECT_EQ(trial_images(config, kAll), (TrialImages{5'000, 45'000, 0, 0}));
}

TEST(TrialWork, WorkIsPassesTimesMacsTimesImagesTimesEpochs) {
  TrialConfig config = config_of(0.1);
  config.epochs = 15;
  EXPECT_EQ(trial_macs(config, 36'000'000, kAll), 3LL * 36'000'000 * 45'000 * 15);
  EXPECT_EQ(training_macs(10, 7, 2), 420);
}

TEST(TrialWork, WorkBeyondTheLargestNumberIsTheLargest) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(training_macs(kMost, 2, 1), kMost);
  EXPECT_EQ(training_macs(1'000'000'000'000, kAll, 10'000), kMost);
}

// A field may change the work only if it is said to.
TEST(TrialWork, DependsOnFieldsOfCostOnly) {
  TrialConfig plain = config_of(5'000);
  plain.drop_last = true;
  plain.train_size = 1'000;
  for (const Field& field : fields()) {
    TrialConfig other = plain;
    const Value value = get_field(plain, field);
    if (const auto* flag = std::get_if<bool>(&value)) (void)set_field(other, field, !*flag, "");
    if (std::holds_alternative<std::int64_t>(value)) {
      (void)set_field(other, field, std::int64_t{7}, "");
    }
    if (std::holds_alternative<double>(value)) (void)set_field(other, field, 0.7, "");
    if (std::holds_alternative<std::string>(value) && !field.choices.empty()) {
      (void)set_field(other, field, std::string(field.choices.back()), "");
    }
    if (trial_macs(other, 100, kAll) != trial_macs(plain, 100, kAll)) {
      EXPECT_TRUE(is_of_cost(field.name)) << field.name;
    }
  }
  EXPECT_TRUE(is_of_cost("arch.width"));
  EXPECT_FALSE(is_of_cost("lr"));
}

}  // namespace
}  // namespace firesweep
