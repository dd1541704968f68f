#include "shared/codec/sweep_codec.h"

#include <gtest/gtest.h>

#include "shared/codec/sweep_canonical.h"
#include "shared/domain/presets.h"
#include "tests/shared/codec/schema_check.h"

namespace firesweep {
namespace {

SweepSpec decoded(std::string_view text, std::string_view file = "x.json") {
  testing::expect_agreement(text, file);
  const auto spec = decode_sweep(text, file);
  EXPECT_TRUE(spec) << to_string(spec.error());
  return spec.value_or(SweepSpec{});
}

constexpr std::string_view kEverything = R"({
  "name": "all of it",
  "method": "random",
  "metric": {"name": "val_accuracy", "goal": "maximize"},
  "dataset": "cifar10",
  "trainer": "torch",
  "preset": "default",
  "parameters": {
    "variant":          {"values": ["v1", "v2"], "probabilities": [0.25, 0.75]},
    "lr":               {"distribution": "log_uniform_values", "min": 1e-4, "max": 0.01},
    "weight_decay":     {"distribution": "normal", "mu": 0.05, "sigma": 0.01},
    "batch_size":       {"distribution": "int_uniform", "min": 32, "max": 256},
    "label_smoothing":  {"min": 0.0, "max": 0.3},
    "arch.head_dropout": {"values": [0.1, 0.3]},
    "arch.stage":       {"value": "fire"},
    "epochs":           {"value": 7},
    "dropout":          {"values": [0.25]}
  },
  "seeds": [3, 1, 2],
  "search_seed": 42,
  "exclude": [{"variant": "v1", "arch.head_dropout": 0.1}, {"arch.stage": "fire", "variant": "v2"}],
  "constraints": ["params <= 8_000_000", "macs>1e6"],
  "run_cap": 100, "max_concurrent_trials": 8, "max_restarts": 5, "max_failed_trials": 10,
  "max_trial_duration": "90m", "order": "interleaved", "priority": -3
})";

TEST(SweepCodec, ReadsEveryMember) {
  const SweepSpec spec = decoded(kEverything);
  EXPECT_EQ(spec.name, "all of it");
  EXPECT_EQ(spec.method, Method::kRandom);
  EXPECT_EQ(spec.dataset, DatasetName::kCifar10);
  ASSERT_EQ(spec.parameters.size(), 6u);
  EXPECT_EQ(spec.parameters[0].name, "variant");
  EXPECT_EQ(std::get<ValueList>(spec.parameters[0].domain).probabilities,
            (std::vector<double>{0.25, 0.75}));
  EXPECT_EQ(std::get<LogUniformValues>(spec.parameters[1].domain).max, 0.01);
  EXPECT_EQ(std::get<Normal>(spec.parameters[2].domain).stddev, 0.01);
  EXPECT_EQ(std::get<IntUniform>(spec.parameters[3].domain).min, 32);
  EXPECT_EQ(std::get<Uniform>(spec.parameters[4].domain).max, 0.3);
  EXPECT_EQ(spec.parameters[5].name, "arch.head_dropout");
  EXPECT_EQ(spec.base.arch_params.at("stage"), Value(std::string("fire")));
  EXPECT_EQ(spec.base.epochs, 7);
  EXPECT_EQ(spec.base.dropout, 0.25);
  EXPECT_EQ(spec.seeds, (std::vector<std::int64_t>{3, 1, 2}));
  EXPECT_EQ(spec.search_seed, 42);
  ASSERT_EQ(spec.exclude.size(), 2u);
  EXPECT_EQ(spec.exclude[0].at("variant"), Value(std::string("v1")));
  ASSERT_EQ(spec.constraints.size(), 2u);
  EXPECT_TRUE(satisfies(spec.constraints[0], spec.base, {8'000'000, 0, 0}));
  EXPECT_FALSE(satisfies(spec.constraints[0], spec.base, {8'000'001, 0, 0}));
  EXPECT_TRUE(satisfies(spec.constraints[1], spec.base, {0, 1'000'001, 0}));
  EXPECT_FALSE(satisfies(spec.constraints[1], spec.base, {0, 1'000'000, 0}));
  EXPECT_EQ(spec.run_cap, 100);
  EXPECT_EQ(spec.max_concurrent_trials, 8);
  EXPECT_EQ(spec.max_restarts, 5);
  EXPECT_EQ(spec.max_failed_trials, 10);
  EXPECT_EQ(spec.max_trial_duration, std::chrono::minutes(90));
  EXPECT_EQ(spec.order, DispatchOrder::kInterleaved);
  EXPECT_EQ(spec.priority, -3);
}

TEST(SweepCodec, YamlAndJsonMeanTheSame) {
  const SweepSpec yaml = decoded(R"(
method: grid
dataset: cifar100
parameters:
  variant: {values: [v1, v2]}
  lr:
    values: [0.001, 1e-2]
  epochs: {value: 3}
seeds: [1, 2]
)",
                                 "x.yaml");
  const SweepSpec json = decoded(R"({"name": "x", "method": "grid", "dataset": "cifar100",
    "parameters": {"variant": {"values": ["v1", "v2"]}, "lr": {"values": [0.001, 0.01]},
    "epochs": {"value": 3}}, "seeds": [1, 2]})");
  EXPECT_EQ(canonical_json(yaml), canonical_json(json));
}

TEST(SweepCodec, WhatIsLeftOutHasDefaults) {
  const SweepSpec spec = decoded(R"({"method": "grid", "dataset": "cifar100", "parameters": {}})",
                                 "folder/my-sweep.json");
  EXPECT_EQ(spec.name, "my-sweep");
  EXPECT_EQ(spec.metric, Metric::kValAccuracy);
  EXPECT_EQ(spec.trainer, Trainer::kTorch);
  EXPECT_EQ(spec.base, *find_preset("default"));
  EXPECT_EQ(spec.seeds, std::vector<std::int64_t>{1});
  EXPECT_EQ(spec.max_restarts, 3);
  EXPECT_FALSE(spec.run_cap);
  EXPECT_TRUE(spec.warnings.empty());
}

TEST(SweepCodec, SimulatedSweepsNeedNoDataset) {
  EXPECT_EQ(decoded(R"({"method": "grid", "trainer": "simulated", "parameters": {}})").dataset,
            DatasetName::kCifar100);
}

TEST(SweepCodec, EarlyTerminationSurvivesTheFrozenFormAndIsAbsentWhereNotGiven) {
  const auto spec_of = [](const std::string& rules) {
    return decoded(R"({"name": "x", "method": "grid", "dataset": "cifar100", "parameters": {})" +
                   (rules.empty() ? "" : ", \"early_terminate\": " + rules) + "}");
  };
  EXPECT_EQ(spec_of("").early_terminate, std::nullopt);
  EXPECT_EQ(canonical_json(spec_of("")).find("early_terminate"), std::string::npos)
      << "hashes of older sweeps stay";
  using enum Termination;
  const std::pair<std::string, EarlyTermination> all[] = {
      {R"({"type": "asha"})", {}},
      {R"({"type": "asha", "min_iter": 5, "eta": 2.5, "group_by": []})",
       {.min_iter = 5, .group_by = {}, .eta = 2.5}},
      {R"({"type": "asha", "promotion": true})", {.promotion = true}},
      {R"({"type": "asha", "promotion": false})", {}},
      {R"({"type": "hyperband", "eta": 4, "group_by": ["lr", "variant"]})",
       {.type = kHyperband, .group_by = {"lr", "variant"}, .eta = 4}},
      {R"({"type": "median", "min_others": 2})", {.type = kMedian, .min_others = 2}},
      {R"({"type": "threshold", "at_least": 0.02})", {.type = kThreshold, .at_least = 0.02}},
      {R"({"type": "plateau", "patience": 3, "min_delta": 0.001})",
       {.type = kPlateau, .patience = 3, .min_delta = 0.001}},
      {R"({"type": "one_epoch_top_k", "k": 5})", {.type = kOneEpochTopK, .k = 5}},
      {R"({"type": "one_epoch_top_k", "promotion": true, "min_iter": 2})",
       {.type = kOneEpochTopK, .min_iter = 2, .promotion = true}}};
  for (const auto& [text, rules] : all) {
    const SweepSpec spec = spec_of(text);
    EXPECT_EQ(spec.early_terminate, rules) << text;
    const auto again = decode_canonical_sweep(canonical_json(spec));
    ASSERT_TRUE(again) << to_string(again.error());
    EXPECT_EQ(again->early_terminate, rules) << text;
  }
}

TEST(SweepCodec, RacingSurvivesTheFrozenFormAndIsAbsentWhereNotGiven) {
  const auto spec_of = [](const std::string& members) {
    return decoded(R"({"name": "x", "method": "grid", "dataset": "cifar100", "parameters": {})" +
                   members + "}");
  };
  EXPECT_EQ(canonical_json(spec_of("")).find("racing"), std::string::npos)
      << "hashes of older sweeps stay";
  const std::pair<std::string, Racing> all[] = {
      {R"({"top": 3})", {.top = 3}},
      {R"({"top": 1, "level": 0.01, "group_by": ["variant", "lr"]})",
       {.level = 0.01, .group_by = {"variant", "lr"}}},
      {R"({"top": 2, "group_by": []})", {.top = 2, .group_by = {}}}};
  for (const auto& [text, rules] : all) {
    const SweepSpec spec = spec_of(R"(, "seeds": [1, 2, 3], "racing": )" + text);
    EXPECT_EQ(spec.racing, rules) << text;
    EXPECT_TRUE(spec.warnings.empty());
    const auto again = decode_canonical_sweep(canonical_json(spec));
    ASSERT_TRUE(again) << to_string(again.error());
    EXPECT_EQ(again->racing, rules) << text;
  }
  EXPECT_EQ(spec_of(R"(, "seeds": [1, 2], "racing": {"top": 3})").warnings.size(), 1u)
      << "two seeds save nothing";
}

TEST(SweepCodec, ReuseSurvivesTheFrozenFormAndIsAbsentWhereNotGiven) {
  const std::string plain =
      R"({"name": "x", "method": "grid", "dataset": "cifar100", "parameters": {})";
  EXPECT_EQ(canonical_json(decoded(plain + "}")).find("reuse"), std::string::npos)
      << "hashes of older sweeps stay";
  const SweepSpec spec = decoded(plain + R"(, "reuse": true})");
  EXPECT_TRUE(spec.reuse);
  const auto again = decode_canonical_sweep(canonical_json(spec));
  EXPECT_TRUE(again && again->reuse);
}

TEST(SweepCodec, CheckpointRulesSurviveTheFrozenFormAndAreAbsentWhereNotGiven) {
  const auto spec_of = [](const std::string& checkpoint) {
    return decoded(R"({"name": "x", "method": "grid", "dataset": "cifar100", "parameters": {})" +
                   checkpoint + "}");
  };
  EXPECT_EQ(spec_of("").checkpoint, std::nullopt);
  EXPECT_EQ(canonical_json(spec_of("")).find("\"checkpoint\""), std::string::npos)
      << "hashes of older sweeps stay";
  using namespace std::chrono_literals;
  const std::pair<std::string, CheckpointRules> all[] = {
      {R"({"every": "1 epoch"})", {}},
      {R"({"every": "5 epochs", "keep": "best", "max_bytes": "20GB"})",
       {5, {}, true, 20'000'000'000}},
      {R"({"every": "10 min", "max_bytes": "2 GiB"})", {1, 600'000ms, false, 2'147'483'648}},
      {R"({"every": "1.5h", "keep": "all", "max_bytes": 12345})", {1, 5'400'000ms, false, 12345}}};
  for (const auto& [text, rules] : all) {
    const SweepSpec spec = spec_of(", \"checkpoint\": " + text);
    EXPECT_EQ(spec.checkpoint, rules) << text;
    const auto back = decode_canonical_sweep(canonical_json(spec));
    ASSERT_TRUE(back) << to_string(back.error());
    EXPECT_EQ(back->checkpoint, rules) << text;
  }
}

TEST(SweepCodec, StudyPresetIsTheStudysRecipe) {
  const SweepSpec spec = decoded(R"({"method": "grid", "dataset": "cifar100", "preset": "study",
    "metric": {"name": "test_accuracy"}, "parameters": {"variant": {"value": "v5"}}})");
  TrialConfig expected = *find_preset("study");
  expected.variant = "v5";
  EXPECT_EQ(spec.base, expected);
}

TEST(SweepCodec, SgdPresetIsARecipeOfItsOwn) {
  const SweepSpec spec = decoded(R"({"method": "grid", "dataset": "cifar100", "preset": "sgd",
    "parameters": {"label_smoothing": {"values": [0, 0.1]}}})");
  EXPECT_EQ(spec.base, *find_preset("sgd"));
  EXPECT_EQ(spec.base.optimizer, "sgd");
}

TEST(SweepCodec, SgdBringsItsOwnLearningRate) {
  const SweepSpec spec = decoded(R"({"method": "grid", "dataset": "cifar100",
    "parameters": {"optimizer": {"value": "sgd"}}})");
  EXPECT_EQ(spec.base.lr, 0.1);
  EXPECT_EQ(spec.base.weight_decay, 5e-4);
  EXPECT_FALSE(spec.lr_follows_optimizer);
}

TEST(SweepCodec, SweptOptimizerLeavesTheLearningRateToEachTrial) {
  const SweepSpec spec = decoded(R"({"method": "grid", "dataset": "cifar100",
    "parameters": {"optimizer": {"values": ["sgd", "adamw"]}, "weight_decay": {"value": 0.01}}})");
  EXPECT_TRUE(spec.lr_follows_optimizer);
  EXPECT_FALSE(spec.weight_decay_follows_optimizer);
}

TEST(SweepCodec, WholeNumbersBecomeRealWhereTheFieldIsReal) {
  const SweepSpec spec = decoded(R"({"method": "grid", "dataset": "cifar100",
    "parameters": {"grad_clip": {"values": [0, 1]}}})");
  const auto& values = std::get<ValueList>(spec.parameters[0].domain).values;
  EXPECT_EQ(values, (std::vector<Value>{0.0, 1.0}));
}

TEST(SweepCodec, DurationsTakeSecondsOrAUnit) {
  const auto duration = [](const std::string& text) {
    return decoded(R"({"method": "grid", "dataset": "cifar100", "parameters": {},
      "max_trial_duration": )" +
                   text + "}")
        .max_trial_duration.value();
  };
  EXPECT_EQ(duration("90"), std::chrono::seconds(90));
  EXPECT_EQ(duration("0.5"), std::chrono::milliseconds(500));
  EXPECT_EQ(duration("\"45s\""), std::chrono::seconds(45));
  EXPECT_EQ(duration("\"1.5h\""), std::chrono::minutes(90));
  EXPECT_EQ(duration("\"1h30m\""), std::chrono::minutes(90));
  EXPECT_EQ(duration("\"2d\""), std::chrono::hours(48));
}

TEST(SweepCodec, UnusualLearningRatesDrawAWarning) {
  EXPECT_EQ(
      decoded(R"({"method": "grid", "dataset": "cifar100",
    "parameters": {"optimizer": {"value": "adamw"}, "lr": {"values": [0.01, 0.03]}}})")
          .warnings,
      std::vector<std::string>{"lr 0.03 is high for AdamW, whose useful range is 0.001 to 0.01"});
  EXPECT_EQ(decoded(R"({"method": "grid", "dataset": "cifar100",
    "parameters": {"lr": {"value": 0.001}, "optimizer": {"value": "sgd"}}})")
                .warnings,
            std::vector<std::string>{"lr 0.001 is low for SGD, whose useful range is 0.01 to 0.2"});
  EXPECT_EQ(
      decoded(
          R"({"method": "grid", "dataset": "cifar100", "parameters": {"lr": {"value": 0.001}}})")
          .warnings,
      std::vector<std::string>{"lr 0.001 is low for Muon, whose useful range is 0.01 to 0.05"});
  EXPECT_TRUE(decoded(R"({"method": "grid", "dataset": "cifar100",
    "parameters": {"optimizer": {"values": ["sgd", "adamw"]}}})")
                  .warnings.empty());
}

TEST(SweepCodec, VariantsAreTheSweptOnesOrTheOne) {
  EXPECT_EQ(variants_of(decoded(kEverything)), (std::vector<std::string>{"v1", "v2"}));
  EXPECT_EQ(variants_of(decoded(R"({"method": "grid", "dataset": "cifar100",
    "parameters": {"variant": {"value": "v4"}}})")),
            std::vector<std::string>{"v4"});
}

}  // namespace
}  // namespace firesweep
