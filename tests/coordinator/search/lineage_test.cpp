#include "coordinator/search/lineage.h"

#include <gtest/gtest.h>

#include "shared/codec/sweep_codec.h"

namespace firesweep {
namespace {

constexpr const char* kNetwork =
    R"({"format": 1, "name": "small", "input": [3, 32, 32],
        "blocks": ["global_avg_pool", {"linear": "classes"}]})";

std::shared_ptr<const FrozenSweep> file(const std::string& epochs, const std::string& schedule,
                                        const std::string& cooldown = R"({"value": 0})") {
  auto frozen = freeze_file(
      R"({"name": "s", "trainer": "simulated", "method": "grid", "seeds": [1, 2], "parameters":
          {"variant": {"value": "small"}, "lr": {"values": [0.001, 0.002]}, "epochs": )" +
          epochs + R"(, "schedule": )" + schedule + R"(, "cooldown_epochs": )" + cooldown + "}}",
      "s.json", {{"small", kNetwork}});
  EXPECT_TRUE(frozen) << to_string(frozen.error());
  return std::make_shared<const FrozenSweep>(std::move(*frozen));
}

const std::string kConstant = R"({"value": "constant"})";

TEST(Lineage, ALongerTrialKnowsTheShorterOnesOfItsPointAndSeedTheLongestFirst) {
  SweepSpace space = *SweepSpace::make(file(R"({"value": 2})", kConstant));
  ASSERT_TRUE(space.extend(file(R"({"value": 4})", kConstant)));
  ASSERT_TRUE(space.extend(file(R"({"value": 8})", kConstant)));
  const Lineage lineage(space);
  for (std::int64_t trial = 0; trial < 4; ++trial) {
    EXPECT_TRUE(lineage.shorter(space, trial).empty());
    EXPECT_EQ(lineage.shorter(space, space.base(1) + trial), (std::vector{trial}));
    EXPECT_EQ(lineage.shorter(space, space.base(2) + trial),
              (std::vector{space.base(1) + trial, trial}));
  }
  const Continued continued = continued_from(space, lineage, space.base(1));
  EXPECT_EQ(continued.go_on, 8);
  EXPECT_EQ(continued.anew, 0);
}

TEST(Lineage, WhetherTheyGoOnIsTheSchedules) {
  const std::string both = R"({"values": ["constant", "cosine"]})";
  SweepSpace space = *SweepSpace::make(file(R"({"value": 2})", both));
  ASSERT_TRUE(space.extend(file(R"({"value": 4})", both)));
  const Continued continued = continued_from(space, Lineage(space), space.base(1));
  EXPECT_EQ(continued.go_on, 4);
  EXPECT_EQ(continued.anew, 4);
}

// Of 4 epochs in the sweep's file, and of 6 that have cooled down since.
TEST(Lineage, OneThatCoolsDownGoesOnFromTheLongestConstantOneThatEndsBefore) {
  SweepSpace space = *SweepSpace::make(file(R"({"value": 4})", kConstant));
  ASSERT_TRUE(space.extend(file(R"({"value": 6})", kConstant, R"({"value": 2})")));
  ASSERT_TRUE(space.extend(file(R"({"value": 9})", kConstant, R"({"values": [0, 3, 5, 6]})")));
  const Lineage lineage(space);
  for (std::int64_t trial = 0; trial < space.raw(); ++trial) {
    const auto config = space.config(trial);
    ASSERT_TRUE(config);
    const std::vector<std::int64_t> from = lineage.continued(space, trial);
    const bool goes_on = config->epochs > 4 && config->epochs - config->cooldown_epochs >= 4;
    ASSERT_EQ(from.size(), goes_on ? 1u : 0u)
        << config->epochs << " epochs, cooldown " << config->cooldown_epochs;
    if (!goes_on) continue;
    EXPECT_EQ(space.config(from.front())->epochs, 4) << "those of 6 have cooled down";
    EXPECT_EQ(space.config(from.front())->lr, config->lr);
    EXPECT_EQ(space.config(from.front())->seed, config->seed);
  }
  const Continued cooled = continued_from(space, lineage, space.base(1));
  EXPECT_EQ(cooled.go_on, 4 + 3 * 4);
  EXPECT_EQ(cooled.anew, 4) << "their cooldown begins in the shorter one's epochs";
}

TEST(Lineage, TrialsThatAreLongerByTheFileItselfAreNoContinuation) {
  const SweepSpace alone = *SweepSpace::make(file(R"({"values": [2, 4]})", kConstant));
  const Lineage lineage(alone);
  for (std::int64_t trial = 0; trial < alone.raw(); ++trial) {
    EXPECT_TRUE(lineage.shorter(alone, trial).empty());
  }
}

}  // namespace
}  // namespace firesweep
