#include "shared/codec/refit_sweep.h"

#include <gtest/gtest.h>

#include "shared/codec/sweep_codec.h"
#include "shared/domain/fields.h"

namespace firesweep {
namespace {

ModelCard chosen() {
  ModelCard card;
  card.trial = "1/17";
  card.dataset = "cifar100";
  card.config.variant = "v2";
  card.config.optimizer = "sgd";
  card.config.lr = 0.123;
  card.config.weight_decay = 0.002;
  card.config.epochs = 9;
  card.config.dropout = 0.25;
  card.config.flip = "alternating";
  card.config.seed = 2;
  card.config.arch_params["head_dropout"] = 0.1;
  card.selected_epoch = 9;
  card.seeds_used = {1, 2, 3};
  return card;
}

SweepSpec decoded(const ModelCard& card, std::optional<std::int64_t> epochs = {}) {
  const auto text = refit_sweep(card, {11, 12}, epochs);
  if (!text) {
    ADD_FAILURE() << to_string(text.error());
    return {};
  }
  auto spec = decode_sweep(*text, "refit of 1/17");
  if (!spec) {
    ADD_FAILURE() << to_string(spec.error());
    return {};
  }
  return *std::move(spec);
}

TEST(RefitSweep, HasExactlyTheChosenConfigOnAllImagesWithFreshSeeds) {
  const ModelCard card = chosen();
  const SweepSpec spec = decoded(card);
  EXPECT_EQ(spec.name, "refit-of-1-17");
  EXPECT_EQ(spec.dataset, DatasetName::kCifar100);
  EXPECT_EQ(spec.trainer, Trainer::kTorch);
  EXPECT_EQ(spec.metric, Metric::kTestAccuracy);
  EXPECT_EQ(spec.seeds, (std::vector<std::int64_t>{11, 12}));
  EXPECT_TRUE(spec.parameters.empty());
  EXPECT_TRUE(spec.warnings.empty());
  TrialConfig expected = card.config;
  expected.protocol = Protocol::kRefit;
  expected.val_size = 0;
  expected.seed = 1;  // of the sweep's seeds
  EXPECT_EQ(spec.base, expected);
}

TEST(RefitSweep, EveryHyperparameterIsWrittenOutSoThatDefaultsCannotChangeIt) {
  const auto text = *refit_sweep(chosen(), {11}, {});
  for (const Field& field : fields()) {
    EXPECT_NE(text.find('"' + std::string(field.name) + "\":{\"value\":"), std::string::npos)
        << field.name;
  }
}

TEST(RefitSweep, ASubsetAndTheBestEpochGiveWayToAllImagesAndTheLastEpoch) {
  ModelCard card = chosen();
  card.config.train_size = 4096;
  card.config.test_size = 500;
  card.config.select = "best";
  card.selected_epoch = 7;
  const SweepSpec spec = decoded(card);
  EXPECT_EQ(spec.base.train_size, 0);
  EXPECT_EQ(spec.base.test_size, 0);
  EXPECT_EQ(spec.base.select, "last");
  EXPECT_EQ(refit_notes(card, {}),
            (std::vector<std::string>{
                "the trial used a subset of the images; the refit uses all of them",
                "the trial kept its best epoch, 7; without validation images the refit keeps the "
                "last, 9 (--epochs N ends it elsewhere)"}));
  EXPECT_TRUE(refit_notes(chosen(), {}).empty());
}

TEST(RefitSweep, MayTrainLonger) {
  EXPECT_EQ(decoded(chosen(), 200).base.epochs, 200);
  EXPECT_EQ(refit_notes(chosen(), 200),
            (std::vector<std::string>{"the trial trained 9 epochs, the refit trains 200"}));
}

TEST(RefitSweep, SeedsThatChoseTheTrialAreNotFresh) {
  const auto used = refit_sweep(chosen(), {11, 2}, {});
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().where, "--seeds");
  EXPECT_EQ(used.error().what, "found 2, expected fresh seeds: trial 1/17 was chosen with 1, 2, 3");
  const auto twice = refit_sweep(chosen(), {11, 12, 11}, {});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().what, "found 11 again, expected each seed once");
}

TEST(RefitSweep, OnlyATrialRankedByValidationIsRefit) {
  for (const Protocol protocol : {Protocol::kStudy, Protocol::kRefit}) {
    ModelCard card = chosen();
    card.config.protocol = protocol;
    const auto refused = refit_sweep(card, {11}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
    EXPECT_TRUE(
        refused.error().what.starts_with("has protocol " + std::string(to_string(protocol))))
        << refused.error().what;
  }
}

}  // namespace
}  // namespace firesweep
