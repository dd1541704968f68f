// What is wrong with what a sweep file says of its points, and between its members: see
// sweep_mistakes_test.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "shared/codec/sweep_codec.h"
#include "shared/domain/methods.h"
#include "tests/shared/codec/sweep_mistakes.h"

namespace firesweep {
namespace {

using testing::expect_all;
using testing::mistake_of;
using testing::parameters;
using testing::sweep_with;

TEST(PointMistakes, ExcludeAndConstraints) {
  expect_all({
      {sweep_with(R"("exclude": {})"),
       "/exclude: found an empty object, expected a list of objects"},
      {sweep_with(R"("exclude": [{}])"),
       "/exclude/0: found an empty object, expected an object with at least one parameter, such as "
       "{\"variant\": \"v4\", \"lr\": 0.01}"},
      {sweep_with(R"("exclude": [{"lrr": 1}])"),
       "/exclude/0/lrr: unknown parameter, expected a field of the table or \"arch.NAME\" (did you "
       "mean \"lr\"?)"},
      {sweep_with(R"("exclude": [{"lr": "a"}])"),
       "/exclude/0/lr: found \"a\", expected a number in (0, 10]"},
      {parameters(R"("lr": {"values": [0.1, 0.2]})", R"(, "exclude": [{"lr": 0.3}])"),
       "/exclude/0/lr: found 0.3, expected a value of this sweep: 0.1, 0.2"},
      {sweep_with(R"("exclude": [{"arch.p": 0.3}])"),
       "/exclude/0/arch.p: found 0.3, expected a parameter of this sweep"},
      {R"({"method": "random", "run_cap": 1, "dataset": "cifar100", "parameters":
          {"lr": {"min": 0.1, "max": 0.2}}, "exclude": [{"lr": 0.1}]})",
       "/exclude/0/lr: \"lr\" is drawn from a range, of which no value can be excluded"},
      {sweep_with(R"("constraints": "params < 5")"),
       "/constraints: found \"params < 5\", expected a list such as [\"params <= 8_000_000\"]"},
      {sweep_with(R"("constraints": ["params"])"),
       "/constraints/0: found \"params\", expected a comparison such as \"params <= "
       "8_000_000\": it compares nothing"},
      {sweep_with(R"("constraints": ["parms < 5"])"),
       "/constraints/0: found \"parms < 5\", expected a comparison such as \"params <= "
       "8_000_000\": \"parms\" is unknown (did you mean \"params\"?)"},
      {sweep_with(R"("constraints": ["params = 5"])"),
       "/constraints/0: found \"params = 5\", expected a comparison such as \"params <= "
       "8_000_000\": found \"= 5\" after its end (write \"==\")"},
      {sweep_with(R"("constraints": ["params <"])"),
       "/constraints/0: found \"params <\", expected a comparison such as \"params <= "
       "8_000_000\": it ends too early"},
      {sweep_with(R"("constraints": ["optimizer < 5"])"),
       "/constraints/0: found \"optimizer < 5\", expected a comparison such as \"params <= "
       "8_000_000\": found text where a number is needed"},
      {sweep_with(R"("constraints": ["optimizer == 'adam'"])"),
       "/constraints/0: found \"optimizer == 'adam'\", expected a comparison such as \"params <= "
       "8_000_000\": optimizer is never 'adam' but one of \"adamw\", \"sgd\", \"muon\" (did you "
       "mean \"adamw\"?)"},
      {sweep_with(R"("constraints": ["arch.p < 5"])"),
       "/constraints/0: found \"arch.p < 5\", expected a parameter of this sweep: \"arch.p\" is "
       "none "
       "(give \"parameters\": {\"arch.p\": {\"value\": ...}})"},
      {sweep_with(R"("constraints": [5])"), "/constraints/0: found 5, expected text"},
  });
}

TEST(PointMistakes, Zip) {
  const std::string lists =
      R"("lr": {"values": [0.1, 0.2]}, "batch_size": {"values": [64, 128]},
         "momentum": {"values": [0.8, 0.9, 0.95]}, "dropout": {"value": 0})";
  const auto zip = [&](const std::string& groups) {
    return parameters(lists, ", \"zip\": " + groups);
  };
  EXPECT_EQ(mistake_of(zip(R"([["lr", "batch_size"]])")), "none");
  expect_all({
      {zip(R"(["lr", "batch_size"])"),
       "/zip: found a list of 2, expected a list of lists of names "
       "(write [[\"lr\",\"batch_size\"]])"},
      {zip(R"([["lr"]])"),
       "/zip/0: found a list of 1, expected at least two names: their lists are varied together"},
      {zip(R"([["lr", "momentum"]])"),
       "/zip/0: found 2 values of \"lr\" and 3 of \"momentum\", expected lists as long (the first "
       "values stand together, then the second ones, …)"},
      {zip(R"([["lr", "dropout"]])"),
       "/zip/0/1: found \"dropout\", expected a parameter of this sweep that has \"values\" "
       "without "
       "\"probabilities\", two or more"},
      {zip(R"([["lr", "batch_size"], ["lr", "batch_size"]])"),
       "2 mistakes\n  /zip/1/0: \"lr\" is in \"zip\" already, expected each name once\n  "
       "/zip/1/1: \"batch_size\" is in \"zip\" already, expected each name once"},
  });
}

TEST(PointMistakes, EveryMethodTakesZipAndConditions) {
  for (const MethodInfo& one : methods()) {
    EXPECT_EQ(mistake_of("{\"method\": \"" + std::string(to_string(one.method)) + R"(",
      "run_cap": 5, "dataset": "cifar100", "parameters": {"lr": {"values": [0.1, 0.2]},
      "batch_size": {"values": [64, 128]}, "momentum": {"values": [0.8, 0.9]}},
      "zip": [["lr", "batch_size"]], "conditions": {"momentum": {"lr": 0.1}}})"),
              "none")
        << to_string(one.method);
  }
}

TEST(PointMistakes, MethodsThatLearnKnowAmpBeforeTheyPropose) {
  EXPECT_EQ(mistake_of(R"({"method": "tpe", "run_cap": 5, "dataset": "cifar100", "parameters":
      {"lr": {"values": [0.1, 0.2]}, "amp": {"value": "bf16"}},
      "conditions": {"amp": {"lr": 0.1}}})"),
            "x.json: /parameters/amp: found several values or a condition, expected one value "
            "everywhere: method tpe proposes points before it is known which worker trains them "
            "(write {\"value\": \"auto\"})");
}

TEST(PointMistakes, Conditions) {
  const std::string given =
      R"("optimizer": {"values": ["sgd", "adamw"]}, "momentum": {"values": [0.8, 0.9]},
         "dropout": {"values": [0, 0.1]})";
  const auto conditions = [&](const std::string& object) {
    return parameters(given, ", \"conditions\": " + object);
  };
  EXPECT_EQ(mistake_of(conditions(R"({"momentum": {"optimizer": "sgd"}})")), "none");
  expect_all({
      {conditions(R"({"momentum": "sgd"})"),
       "/conditions/momentum: found \"sgd\", expected an object with at least one parameter, such "
       "as "
       "{\"optimizer\": \"sgd\"}"},
      {conditions("{}"),
       "/conditions: found an empty object, expected an object with at least one condition, such "
       "as "
       "{\"momentum\": {\"optimizer\": \"sgd\"}}"},
      {conditions(R"({"momentum": {}})"),
       "/conditions/momentum: found an empty object, expected an object with at least one "
       "parameter, such as {\"optimizer\": \"sgd\"}"},
      {conditions(R"({"lr": {"optimizer": "sgd"}})"),
       "/conditions/lr: found \"lr\", expected a parameter of this sweep (give it in "
       "\"parameters\")"},
      {conditions(R"({"momentum": {"dropout": 0}, "dropout": {"momentum": 0.8}})"),
       "/conditions: found parameters whose conditions lead back to themselves, expected none"},
      {conditions(R"({"momentum": {"optimizer": ["sgd", "sgd"]}})"),
       "/conditions/momentum/optimizer/1: found \"sgd\" again, expected each value once"},
  });
}

TEST(PointMistakes, RulesBetweenMembers) {
  const std::string study = R"({"method": "grid", "dataset": "cifar100", "preset": "study", )";
  const std::string refit = R"({"method": "grid", "dataset": "cifar100",
    "metric": {"name": "test_accuracy"}, )";
  expect_all({
      {R"({"method": "random", "dataset": "cifar100", "parameters": {}})",
       "/run_cap: missing, expected the number of trials to draw"},
      {parameters(R"("lr": {"min": 0.1, "max": 0.2})"),
       "/parameters/lr: found a range, expected \"values\", since the method is grid (list values, "
       "or "
       "write \"method\": \"random\")"},
      {parameters(R"("lr": {"values": [0.1, 0.2], "probabilities": [0.5, 0.5]})"),
       "/parameters/lr/probabilities: method grid draws nothing (leave them out, or write "
       "\"method\": \"random\")"},
      {study + R"("parameters": {}})",
       "/preset: protocol study has no validation split and is ranked by test accuracy, expected "
       "it "
       "to be named (write \"metric\": {\"name\": \"test_accuracy\", \"goal\": \"maximize\"})"},
      {study +
           R"("metric": {"name": "test_accuracy"}, "parameters": {"val_size": {"value": 5000}}})",
       "/parameters/val_size: found 5000, expected 0: protocol study has no validation split"},
      {sweep_with(R"("metric": {"name": "test_accuracy"})"),
       "/metric/name: protocol held_out never ranks by test accuracy (write \"val_accuracy\")"},
      {parameters(R"("val_size": {"value": 0})"),
       "/parameters/val_size: found 0, expected a validation split: protocol held_out ranks by it"},
      {parameters(R"("protocol": {"value": "refit"}, "val_size": {"value": 0})"),
       "/parameters/protocol: protocol refit has no validation split and is ranked by test "
       "accuracy, expected "
       "it to be named (write \"metric\": {\"name\": \"test_accuracy\", \"goal\": "
       "\"maximize\"})"},
      {refit + R"("parameters": {"protocol": {"value": "refit"}}})",
       "/parameters/protocol: val_size: found 5000, expected 0: protocol refit has no validation "
       "split"},
      {parameters(R"("train_size": {"value": 100})"),
       "/parameters/train_size: batch_size: found 128, expected at most 100, the training images: "
       "the last, smaller batch is dropped (write \"drop_last\": {\"value\": false})"},
      {R"({"dataset": "cifar100", "parameters": {}, "zip": [["lr", "epochs"]]})",
       "/method: missing, expected one of \"grid\", \"random\", \"sobol\", \"tpe\", "
       "\"evolution\", \"nsga2\", \"gp\""},
      {refit + R"("parameters": {"protocol": {"value": "refit"}, "val_size": {"value": 0},
                  "select": {"value": "best"}}})",
       "/parameters/select: found \"best\", expected \"last\": protocol refit has no validation "
       "images to choose an epoch by"},
      {parameters(R"("protocol": {"values": ["held_out", "study"]})"),
       "/parameters/protocol: found two protocols, expected one: they never rank together"},
      {parameters(R"("val_size": {"value": 1.5})"),
       "/parameters/val_size: found 1.5, expected a whole count or a fraction below 1"},
      {parameters(R"("val_size": {"value": 50000})"),
       "/parameters/val_size: found 50000, expected less than the 50000 training images of "
       "cifar100"},
      {parameters(R"("val_size": {"values": [0.5, 100]}, "train_size": {"value": 30000})"),
       "/parameters/train_size: found 30000, expected at most 25000, the training images of "
       "cifar100 without the validation split"},
      {parameters(R"("train_size": {"values": [1000, 46000]})"),
       "/parameters/train_size: found 46000, expected at most 45000, the training images of "
       "cifar100 "
       "without the validation split"},
      {parameters(R"("train_size": {"value": 1000}, "batch_size": {"values": [128, 2048]})"),
       "/parameters/batch_size: found 2048, expected at most 1000, the training images: the last, "
       "smaller batch is dropped (write \"drop_last\": {\"value\": false})"},
      {parameters(R"("simulated_seconds": {"value": 1})"),
       "/parameters/simulated_seconds: found a setting of the simulated trainer, expected none "
       "(write "
       "\"trainer\": \"simulated\", or leave it out)"},
  });
}

}  // namespace
}  // namespace firesweep
