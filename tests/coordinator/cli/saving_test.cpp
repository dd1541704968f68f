#include "coordinator/cli/saving.h"

#include <gtest/gtest.h>

#include "shared/codec/architecture_codec.h"
#include "shared/codec/sweep_codec.h"

namespace firesweep {
namespace {

TrialSpace space_of(const std::string& members, int rates = 16) {
  std::string values;
  for (int i = 1; i <= rates; ++i) values += (i > 1 ? ", " : "") + std::to_string(0.001 * i);
  auto spec = decode_sweep(R"({"name": "x", "method": "grid", "trainer": "simulated",
    "parameters": {"variant": {"value": "v"}, "epochs": {"value": 9}, "lr": {"values": [)" +
                               values + "]}}" + members + "}",
                           "x.json");
  EXPECT_TRUE(spec) << to_string(spec.error());
  const auto network = decode_architecture(R"({"format": 1, "name": "v", "input": [3, 32, 32],
    "blocks": ["global_avg_pool", {"linear": "classes"}]})",
                                           "v.json");
  auto frozen = freeze(std::move(*spec), {{"v", *network}});
  return std::move(*TrialSpace::make(std::make_shared<const FrozenSweep>(std::move(*frozen))));
}

TEST(Saving, IsToldOfWhatComparesTrials) {
  EXPECT_FALSE(saving_of(space_of(""), 2));
  EXPECT_FALSE(saving_of(space_of(R"(, "early_terminate": {"type": "plateau"})"), 2));
  EXPECT_FALSE(
      saving_of(space_of(R"(, "early_terminate": {"type": "threshold", "at_least": 0.1})"), 2));
  EXPECT_TRUE(saving_of(space_of(R"(, "early_terminate": {"type": "median"})"), 2));
}

// Of 16 trials that rank the same throughout, with rungs at 1 and 3 of 9 epochs, most do one epoch.
TEST(Saving, IsAnIntervalThatShrinksWithEta) {
  const auto asha = [](const std::string& eta) {
    return *saving_of(
        space_of(R"(, "early_terminate": {"type": "asha", "min_iter": 1, "eta": )" + eta + "}"), 2);
  };
  const Saving three = asha("3");
  EXPECT_GT(three.least, 0.3);
  EXPECT_LT(three.most, 8.0 / 9);
  EXPECT_LT(three.least, three.most);
  EXPECT_LT(asha("1.5").most, three.most);
}

// Of those that rank the same throughout, promotion lets no more pass than there are places.
TEST(Saving, OfThePromotionTypeIsNoLess) {
  const auto asha = [](const std::string& more) {
    return *saving_of(
        space_of(R"(, "early_terminate": {"type": "asha", "min_iter": 1)" + more + "}"), 2);
  };
  const Saving stopping = asha("");
  const Saving promotion = asha(R"(, "promotion": true)");
  EXPECT_GT(promotion.least, 0.5);
  EXPECT_GT(promotion.least, stopping.least);
  EXPECT_LT(promotion.most, 8.0 / 9);
  EXPECT_LE(promotion.least, promotion.most);
}

// Of 16 trials of 9 epochs two train all and the others one, whatever the scores.
TEST(Saving, OfTwoPhasesIsKnown) {
  const Saving phases = *saving_of(
      space_of(R"(, "early_terminate": {"type": "one_epoch_top_k", "promotion": true, "k": 2})"),
      2);
  EXPECT_NEAR(phases.least, 14.0 * 8 / (16 * 9), 1e-9);
  EXPECT_NEAR(phases.most, 14.0 * 8 / (16 * 9), 1e-9);
}

TEST(Saving, IsNothingForATrialAlone) {
  const Saving promoted =
      *saving_of(space_of(R"(, "early_terminate": {"type": "asha", "promotion": true})", 1), 1);
  EXPECT_EQ(promoted.most, 0);

  const Saving alone = *saving_of(space_of(R"(, "early_terminate": {"type": "asha"})", 1), 1);
  EXPECT_EQ(alone.least, 0);
  EXPECT_EQ(alone.most, 0);
}

}  // namespace
}  // namespace firesweep
