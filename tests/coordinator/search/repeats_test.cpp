// What a sweep varies without effect is said, and a batch without a variance refused.
#include "coordinator/search/repeats.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

Block block(std::string kind, std::map<std::string, Quantity> numbers = {}) {
  Block made;
  made.kind = std::move(kind);
  made.where = "/blocks/" + made.kind;
  made.numbers = std::move(numbers);
  return made;
}

// `size` is the kernel of a first pooling: 32 leaves maps of one pixel.
FrozenSweep sweep(double size = 2) {
  FrozenSweep frozen;
  frozen.spec.name = "test";
  frozen.spec.dataset = DatasetName::kCifar100;
  frozen.spec.base.variant = "tiny";
  frozen.architectures.emplace(
      "tiny",
      Architecture{"tiny",
                   {3, 32, 32},
                   {},
                   {block("avg_pool", {{"value", size}}), block("conv", {{"value", 4.0}}),
                    block("bn"), block("global_avg_pool"), block("linear", {{"value", "classes"}})},
                   "",
                   "tiny"});
  return frozen;
}

Repeats repeats_of(FrozenSweep frozen) {
  const auto space = TrialSpace::make(std::make_shared<const FrozenSweep>(std::move(frozen)));
  EXPECT_TRUE(space) << to_string(space.error());
  return find_repeats(*space);
}

TEST(Repeats, MomentumUnderAdamwIsOneNetwork) {
  FrozenSweep frozen = sweep();
  frozen.spec.base.schedule = "constant";
  frozen.spec.parameters = {
      {"optimizer", ValueList{{std::string("sgd"), std::string("adamw")}, {}}},
      {"momentum", ValueList{{0.8, 0.9, 0.95}, {}}}};
  const Repeats repeats = repeats_of(frozen);
  EXPECT_EQ(repeats.different, 4);
  ASSERT_EQ(repeats.notes.size(), 1u);
  EXPECT_EQ(repeats.notes[0], "momentum does nothing where optimizer is adamw");
  EXPECT_EQ(repeats.remedy.members,
            std::vector<std::string>{R"("conditions": {"momentum": {"optimizer": "sgd"}})"});
  EXPECT_TRUE(repeats.remedy.parameters.empty());
  frozen.spec.exclude = {{{"optimizer", std::string("adamw")}, {"momentum", 0.9}},
                         {{"optimizer", std::string("adamw")}, {"momentum", 0.95}}};
  EXPECT_TRUE(repeats_of(frozen).notes.empty()) << "exclusions of all but one are enough";
  frozen.spec.exclude.clear();
  frozen.spec.conditions = {{"momentum", {{"optimizer", {Value(std::string("sgd"))}}}}};
  EXPECT_TRUE(repeats_of(frozen).notes.empty()) << "and so is a condition";
}

TEST(Repeats, SettingsWithEffectAreNotSpokenOf) {
  FrozenSweep frozen = sweep();
  frozen.spec.base.optimizer = "sgd";
  frozen.spec.base.schedule = "cosine";
  frozen.spec.parameters = {{"momentum", ValueList{{0.8, 0.9}, {}}}};
  EXPECT_TRUE(repeats_of(frozen).notes.empty());
  frozen = sweep();
  frozen.spec.parameters = {{"warmup_fraction", ValueList{{0.1, 0.2}, {}}}};
  EXPECT_TRUE(repeats_of(frozen).notes.empty());
}

// A one-cycle schedule cycles the momentum of sgd itself, and beta1 of adamw.
TEST(Repeats, WhatAScheduleSetsItselfIsSaidWithBothConditions) {
  FrozenSweep frozen = sweep();
  frozen.spec.base.optimizer = "sgd";
  frozen.spec.parameters = {{"momentum", ValueList{{0.8, 0.9}, {}}}};
  const Repeats repeats = repeats_of(frozen);
  EXPECT_EQ(repeats.different, 1);
  ASSERT_EQ(repeats.notes.size(), 1u);
  EXPECT_EQ(repeats.notes[0],
            "momentum does nothing where optimizer is sgd and schedule is one_cycle");
  EXPECT_TRUE(repeats.remedy.members.empty());
  EXPECT_EQ(repeats.remedy.parameters, std::vector<std::string>{R"("momentum": {"value": 0.9})"});
}

TEST(Repeats, RandomPointsDrawnAgainByOlderRulesAreCounted) {
  FrozenSweep frozen = sweep();
  frozen.spec.rules = 2;
  frozen.spec.method = Method::kRandom;
  frozen.spec.run_cap = 20;
  frozen.spec.parameters = {{"drop_last", ValueList{{true, false}, {}}}};
  const Repeats repeats = repeats_of(frozen);
  EXPECT_EQ(repeats.different, 2);
  EXPECT_EQ(repeats.notes.size(), 1u);
  frozen.spec.rules = 3;
  EXPECT_TRUE(repeats_of(frozen).notes.empty());
}

TEST(LastBatch, OfOneImageUnderBatchNormOfOnePixelIsRefused) {
  const auto check = [](double size, std::int64_t images, bool drop_last) {
    FrozenSweep frozen = sweep(size);
    frozen.spec.base.train_size = images;
    frozen.spec.base.batch_size = 64;
    frozen.spec.base.drop_last = drop_last;
    return check_last_batches(
        *TrialSpace::make(std::make_shared<const FrozenSweep>(std::move(frozen))));
  };
  const auto refused = check(32, 65, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().where, "/parameters/batch_size");
  EXPECT_NE(refused.error().hint.find("drop_last"), std::string::npos);
  EXPECT_TRUE(check(32, 66, false)) << "two images have a variance";
  EXPECT_TRUE(check(32, 65, true)) << "the last batch is dropped";
  EXPECT_TRUE(check(2, 65, false)) << "the pixels of one image have a variance";
}

}  // namespace
}  // namespace firesweep
