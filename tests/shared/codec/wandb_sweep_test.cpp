// Sweep files of W&B in the shapes that people publish, and what is left of them here.
#include "shared/codec/wandb_sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "shared/codec/json.h"
#include "shared/codec/json_text.h"
#include "shared/codec/sweep_codec.h"

namespace firesweep {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<std::string> kNetworks{"resnet18", "squeezenet", "v3"};

ImportedSweep imported(std::string_view text, std::string_view file = "theirs.yaml") {
  const auto sweep = import_wandb(text, file, kNetworks);
  EXPECT_TRUE(sweep) << to_string(sweep.error());
  return sweep.value_or(ImportedSweep{});
}

Json tree_of(const ImportedSweep& sweep) {
  const auto spec = decode_sweep(sweep.text, "ours.json");
  EXPECT_TRUE(spec) << to_string(spec.error()) << "\n" << sweep.text;
  return parse_json(sweep.text, "ours.json").value();
}

// What is said of a member of the W&B file.
std::string said_of(const ImportedSweep& sweep, std::string_view member) {
  std::string said;
  for (const ImportNote& note : sweep.notes) {
    if (note.member == member) said += to_string(note) + "\n";
  }
  return said;
}

constexpr std::string_view kPlain = R"(program: train.py
project: demo
entity: someone
name: my sweep
description: "Which rate?
  Two optimizers."
method: random
metric:
  name: validation_accuracy
  goal: maximize
run_cap: 40
parameters:
  learning_rate:
    distribution: log_uniform_values
    min: 1e-4
    max: 1e-2
  batch-size:
    values: [32, 64]
  model:
    values: [ResNet-18, cnn]
  label_smoothing: {min: 0.0, max: 0.2}
  hidden_size:
    value: 128
command:
  - ${env}
  - ${interpreter}
  - ${program}
  - --epochs=20
  - --num-workers
  - 4
  - --verbose
  - ${args}
)";

TEST(WandbSweep, CarriesOverByName) {
  const ImportedSweep sweep = imported(kPlain);
  const Json tree = tree_of(sweep);
  EXPECT_EQ(tree["name"], "my sweep");
  EXPECT_EQ(tree["method"], "random");
  EXPECT_EQ(tree["run_cap"], 40);
  EXPECT_EQ(tree["metric"]["name"], "val_accuracy");
  const Json& parameters = tree["parameters"];
  EXPECT_EQ(parameters["lr"]["distribution"], "log_uniform_values");
  EXPECT_EQ(parameters["batch_size"]["values"], Json({32, 64}));
  EXPECT_EQ(parameters["variant"]["values"], Json({"resnet18"}));
  EXPECT_EQ(parameters["label_smoothing"]["max"], 0.2);
  EXPECT_EQ(parameters["epochs"]["value"], 20);
  EXPECT_EQ(parameters.size(), 5u);
  EXPECT_THAT(sweep.text, HasSubstr("// Which rate? Two optimizers.\n"));
  EXPECT_THAT(sweep.text, HasSubstr("// learning_rate\n"));
}

TEST(WandbSweep, SaysOfEachMemberWhatBecameOfIt) {
  const ImportedSweep sweep = imported(kPlain);
  EXPECT_EQ(said_of(sweep, "learning_rate"), "carried over: learning_rate as lr\n");
  EXPECT_EQ(said_of(sweep, "label_smoothing"), "carried over: label_smoothing\n");
  EXPECT_EQ(said_of(sweep, "command --epochs"), "carried over: command --epochs as epochs\n");
  EXPECT_THAT(said_of(sweep, "model"),
              HasSubstr("changed: model: as variant; \"ResNet-18\" is \"resnet18\"; without"
                        " \"cnn\"; found \"cnn\", expected a file of architectures/"));
  EXPECT_THAT(said_of(sweep, "hidden_size"),
              HasSubstr("left out: hidden_size: no hyperparameter here"));
  EXPECT_THAT(said_of(sweep, "command --num-workers, --verbose"), HasSubstr("left out"));
  EXPECT_THAT(said_of(sweep, "program"),
              HasSubstr("left out: program: firesweep trains by itself"));
  for (const char* member : {"project", "entity"})
    EXPECT_THAT(said_of(sweep, member), HasSubstr("left out"));
  EXPECT_THAT(said_of(sweep, "dataset"), HasSubstr("added: dataset: cifar100"));
}

TEST(WandbSweep, ASweepThatEndsNeverElsewhereGetsAnEndHere) {
  const ImportedSweep sweep = imported("method: bayes\nparameters: {lr: {min: 0.001, max: 0.1}}\n");
  EXPECT_EQ(tree_of(sweep)["run_cap"], 30);
  EXPECT_THAT(said_of(sweep, "run_cap"), HasSubstr("added: run_cap: 30 trials"));
  const std::string method = tree_of(sweep)["method"];
  EXPECT_THAT(said_of(sweep, "method"), HasSubstr("changed: method: \"bayes\" is \"" + method));
  EXPECT_NE(method, "grid");
}

TEST(WandbSweep, AGridNeedsNoEnd) {
  const ImportedSweep sweep = imported("method: grid\nparameters: {epochs: {min: 2, max: 4}}\n");
  const Json tree = tree_of(sweep);
  EXPECT_EQ(tree["method"], "grid");
  EXPECT_EQ(tree["parameters"]["epochs"]["values"], Json({2, 3, 4}));
  EXPECT_FALSE(tree.contains("run_cap"));
}

TEST(WandbSweep, ReadsNestedAndDottedNames) {
  const ImportedSweep sweep = imported(R"({"method": "grid", "parameters": {
    "optimizer": {"parameters": {"name": {"values": ["SGD", "adam"]}, "lr": {"values": [0.1]}}},
    "regularization.mixup.alpha": {"value": 0.2},
    "scheduler.name": {"values": ["onecycle", "cosine", "plateau"]},
    "scheduler.patience": {"value": 3},
    "transfer.head_lr": {"value": 0.1}
  }})",
                                       "theirs.json");
  const Json tree = tree_of(sweep);
  EXPECT_EQ(tree["parameters"]["optimizer"]["values"], Json({"sgd"}));
  EXPECT_EQ(tree["parameters"]["lr"]["values"], Json({0.1}));
  EXPECT_EQ(tree["parameters"]["mixup_alpha"]["value"], 0.2);
  EXPECT_EQ(tree["parameters"]["schedule"]["values"], Json({"one_cycle", "cosine"}));
  EXPECT_EQ(tree["parameters"].size(), 4u);
  for (const char* member : {"scheduler.patience", "transfer.head_lr"})
    EXPECT_THAT(said_of(sweep, member), HasSubstr("left out"));
}

TEST(WandbSweep, SeedsAndTheDatasetStandBesideTheParameters) {
  const ImportedSweep sweep = imported(R"(method: grid
parameters:
  seed: {values: [1, 2, 3]}
  dataset: {value: torch/CIFAR-10}
  lr: {values: [0.1, 0.2]}
)");
  const Json tree = tree_of(sweep);
  EXPECT_EQ(tree["seeds"], Json({1, 2, 3}));
  EXPECT_EQ(tree["dataset"], "cifar10");
  EXPECT_THAT(said_of(sweep, "seed"), HasSubstr("every point is trained with each of them"));
  EXPECT_EQ(said_of(sweep, "dataset"), "carried over: dataset as \"dataset\": cifar10\n");
}

TEST(WandbSweep, ACommandFixesWhatItSays) {
  const ImportedSweep sweep = imported(R"(method: grid
parameters: {lr: {values: [0.1, 0.2]}}
command: [python, "${program}", -m, --amp, --weight-decay, 5e-4, "+data=cifar10", --lr=3, --size, 3, 32, "${args}"]
)");
  const Json tree = tree_of(sweep);
  EXPECT_EQ(tree["dataset"], "cifar10");
  EXPECT_EQ(tree["parameters"]["amp"]["value"], "auto");
  EXPECT_EQ(tree["parameters"]["weight_decay"]["value"], 5e-4);
  EXPECT_EQ(tree["parameters"]["lr"]["values"], Json({0.1, 0.2}));
  EXPECT_THAT(said_of(sweep, "command --lr"),
              HasSubstr("left out: command --lr: \"lr\" is given already;"));
  EXPECT_THAT(said_of(sweep, "command -m, --size"), HasSubstr("left out"));
}

TEST(WandbSweep, WhatIsMeasuredOtherwiseIsLeftOut) {
  const ImportedSweep sweep = imported(R"(method: grid
parameters: {lr: {value: 0.1}, warmup_epochs: {value: 5}, dropout: {value: 1.5}}
)");
  EXPECT_EQ(tree_of(sweep)["parameters"].size(), 1u);
  EXPECT_THAT(said_of(sweep, "warmup_epochs"),
              HasSubstr("write \"warmup_fraction\", a share of the run"));
  EXPECT_THAT(said_of(sweep, "dropout"), HasSubstr("found 1.5, expected a number"));
}

TEST(WandbSweep, TwoNamesOfOneFieldAreNotMixed) {
  const ImportedSweep sweep =
      imported("method: grid\nparameters: {base_lr: {value: 0.2}, lr: {value: 0.1}}\n");
  EXPECT_EQ(tree_of(sweep)["parameters"]["lr"]["value"], 0.1);
  EXPECT_THAT(said_of(sweep, "base_lr"), HasSubstr("left out: base_lr: \"lr\" is given already"));
}

TEST(WandbSweep, WhatMayStopTrialsEarlyIsSaid) {
  const ImportedSweep sweep = imported(R"(method: grid
early_terminate: {type: hyperband, max_iter: 27, s: 2}
parameters: {lr: {values: [0.1, 0.2]}}
)");
  const Json tree = tree_of(sweep);
  if (tree.contains("early_terminate")) {
    EXPECT_EQ(tree["early_terminate"], Json({{"type", "asha"}, {"min_iter", 3}, {"eta", 3}}));
  } else {
    EXPECT_THAT(said_of(sweep, "early_terminate"), HasSubstr("left out"));
  }
}

TEST(WandbSweep, AnotherMetricIsSaid) {
  const auto said = [](const std::string& name) {
    return said_of(imported("method: grid\nmetric: {name: " + name +
                            ", goal: minimize, target: 1}\nparameters: {lr: {value: 0.1}}\n"),
                   "metric");
  };
  EXPECT_THAT(said("val_loss"), HasSubstr("changed: metric: \"val_loss\" ranks nothing here"));
  EXPECT_THAT(said("test_acc"), HasSubstr("test images choose nothing here"));
  EXPECT_EQ(said("epoch/val_acc"), "carried over: metric as val_accuracy\n");
}

TEST(WandbSweep, NothingLeftIsNoSweep) {
  const ImportedSweep sweep =
      imported("method: grid\nparameters: {bits: {values: [2, 4]}, sparsity: {value: 0.5}}\n");
  EXPECT_EQ(sweep.text, "");
  EXPECT_THAT(said_of(sweep, "bits"), HasSubstr("left out"));
}

TEST(WandbSweep, AFileOfSomethingElseIsRefused) {
  const auto sweep = import_wandb("rules: [a, b]\n", "sweep.yaml", kNetworks);
  ASSERT_FALSE(sweep);
  EXPECT_THAT(to_string(sweep.error()), HasSubstr("sweep.yaml: found no \"parameters\""));
  EXPECT_FALSE(import_wandb("parameters: [", "sweep.yaml", kNetworks));
}

TEST(WandbSweep, ASweepKeptInAMemberIsFound) {
  const ImportedSweep sweep =
      imported("sweep:\n  method: grid\n  parameters: {lr: {value: 0.1}}\n");
  EXPECT_EQ(tree_of(sweep)["parameters"]["lr"]["value"], 0.1);
}

TEST(WandbSweep, NothingOfTheirFileLeavesACommentOrALine) {
  const ImportedSweep sweep = imported(
      R"({"method": "grid", "description": "a\n\"method\": \"x\"", "name": "ok",
          "parameters": {"optimizer\n}.lr": {"value": 0.1}, "a\nb": {"value": 1}}})",
      "theirs.json");
  EXPECT_EQ(tree_of(sweep)["parameters"]["lr"]["value"], 0.1);
  for (const ImportNote& note : sweep.notes) EXPECT_THAT(to_string(note), Not(HasSubstr("\n")));
}

// ---- any file

Json any_value() {
  switch (*rc::gen::inRange(0, 12)) {
    case 0:
      return Json::array({1, "a"});
    case 1:
      return Json();
    case 2:
      return *rc::gen::arbitrary<double>();
    case 3:
      return *rc::gen::arbitrary<std::string>();
    case 4:
      return *rc::gen::arbitrary<bool>();
    case 5:
    case 6:
      return *rc::gen::element<std::string>("sgd", "adam", "SGD", "none", "resnet18", "1e-3");
    case 7:
    case 8:
      return *rc::gen::inRange(-3, 300);
    default:
      return *rc::gen::element(0.0, 1e-4, 0.001, 0.1, 0.5, 1.0);
  }
}

Json any_parameter(int depth) {
  static const std::vector<std::string> kKeys{"value", "values", "min", "max", "mu",
                                              "sigma", "q",      "a",   "b",   "probabilities"};
  static const std::vector<std::string> kKinds{"constant",
                                               "categorical",
                                               "categorical_w_probabilities",
                                               "int_uniform",
                                               "uniform",
                                               "q_uniform",
                                               "log_uniform",
                                               "q_log_uniform",
                                               "inv_log_uniform",
                                               "log_uniform_values",
                                               "normal",
                                               "q_normal",
                                               "beta",
                                               "unheard_of"};
  Json spec = Json::object();
  if (depth > 0 && *rc::gen::inRange(0, 8) == 0) {
    spec["parameters"]["lr"] = any_parameter(depth - 1);
    spec["parameters"]["name"] = any_parameter(depth - 1);
    return spec;
  }
  if (*rc::gen::arbitrary<bool>()) {  // as people write them
    const bool range = *rc::gen::arbitrary<bool>();
    spec[range ? "min" : "values"] = range ? Json(1) : Json::array({1, 0.5, "adamw", "resnet18"});
    if (range) spec["max"] = *rc::gen::element(2.0, 2.5);
    return spec;
  }
  if (*rc::gen::arbitrary<bool>()) spec["distribution"] = *rc::gen::elementOf(kKinds);
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    const std::string key = *rc::gen::elementOf(kKeys);
    if (key == "values" || key == "probabilities") {
      spec[key] = Json::array();
      for (int n = *rc::gen::inRange(0, 4); n > 0; --n) spec[key].push_back(any_value());
    } else {
      spec[key] = any_value();
    }
  }
  return *rc::gen::inRange(0, 12) == 0 ? any_value() : spec;
}

RC_GTEST_PROP(WandbSweep, WhateverIsWrittenDecodes, ()) {
  static const std::vector<std::string> kNames{
      "lr",       "learning_rate", "batch_size", "epochs",  "optimizer", "optimizer.name",
      "model",    "seed",          "dataset",    "dropout", "amp",       "arch.x",
      "flip_tta", "warmup_epochs", "x"};
  Json root = Json::object();
  root["method"] = *rc::gen::element<std::string>("grid", "random", "bayes", "x");
  if (*rc::gen::arbitrary<bool>()) root["run_cap"] = any_value();
  if (*rc::gen::arbitrary<bool>()) root["name"] = any_value();
  if (*rc::gen::arbitrary<bool>()) root["metric"] = {{"name", any_value()}};
  root["parameters"] = Json::object();
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
    root["parameters"][*rc::gen::elementOf(kNames)] = any_parameter(2);
  }
  if (*rc::gen::arbitrary<bool>()) {
    root["command"] = Json::array({"${program}", "--epochs", any_value(), "lr=0.1", "--wd"});
  }
  root["early_terminate"] = {{"min_iter", any_value()}, {"eta", any_value()}};
  const std::string text = dump_json(root);
  const auto sweep = import_wandb(text, "theirs.json", kNetworks);
  if (!sweep) return;  // NaN and the like are no JSON
  RC_ASSERT(import_wandb(text, "theirs.json", kNetworks)->text == sweep->text);
  RC_TAG(sweep->text.empty() ? "nothing left" : "written");
  if (sweep->text.empty()) return;
  const auto spec = decode_sweep(sweep->text, "ours.json");
  if (!spec) RC_FAIL(to_string(spec.error()) + "\n" + sweep->text);
}

}  // namespace
}  // namespace firesweep
