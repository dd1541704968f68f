// What is wrong with parameters of a sweep file: see sweep_mistakes_test.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "shared/codec/sweep_codec.h"
#include "tests/shared/codec/sweep_mistakes.h"

namespace firesweep {
namespace {

using testing::expect_all;
using testing::mistake_of;
using testing::parameters;
using testing::random_parameters;
using testing::sweep_with;

TEST(ParameterMistakes, Parameters) {
  expect_all({
      {parameters(R"("label_smothing": {"value": 0})"),
       "/parameters/label_smothing: unknown parameter, expected a field of the table or "
       "\"arch.NAME\" (did you mean \"label_smoothing\"?)"},
      {parameters(R"("a/b~c": {"value": 0})"),
       "/parameters/a~1b~0c: unknown parameter, expected a field of the table or \"arch.NAME\" "
       "(`firesweep explain` lists them)"},
      {parameters(R"("arch.": {"value": 0})"),
       "/parameters/arch.: found \"arch.\", expected \"arch.NAME\" with a parameter of the "
       "architecture files"},
      {parameters(R"("lr": 0.003)"),
       "/parameters/lr: found 0.003, expected an object (write {\"value\": ...})"},
      {parameters(R"("lr": [0.003])"),
       "/parameters/lr: found a list of 1, expected an object (write {\"values\": [...]})"},
      {parameters(R"("lr": {})"),
       "/parameters/lr: found no \"value\", \"values\" or \"distribution\" (write {\"value\": ...} "
       "or "
       "{\"values\": [...]})"},
      {parameters(R"("lr": {"vlaues": [1]})"),
       "/parameters/lr/vlaues: unknown key, expected one of \"value\", \"values\", "
       "\"probabilities\", \"distribution\", \"min\", \"max\", \"mu\", \"sigma\", \"a\", \"b\", "
       "\"q\" "
       "(did you mean \"values\"?)"},
      {parameters(R"("lr": {"values": []})"),
       "/parameters/lr/values: found an empty list, expected a list of values"},
      {parameters(R"("lr": {"values": 0.1})"),
       "/parameters/lr/values: found 0.1, expected a list of values (write \"value\", or [0.1])"},
      {parameters(R"("lr": {"values": [0.1, 0.2, "a"]})"),
       "/parameters/lr/values/2: found \"a\", expected a number in (0, 10]"},
      {parameters(R"("lr": {"values": [0.1, null]})"),
       "/parameters/lr/values/1: found null, expected a number in (0, 10]"},
      {parameters(R"("lr": {"values": [0.1, 11]})"),
       "/parameters/lr/values/1: found 11, expected a number in (0, 10]"},
      {parameters(R"("lr": {"values": [0.1, 0.10]})"),
       "/parameters/lr/values/1: found 0.1 again, expected each value once (it is also at 0; "
       "under method random, \"probabilities\" draw a value more often)"},
      {parameters(R"("grad_clip": {"values": [1, 1.0]})"),
       "/parameters/grad_clip/values/1: found 1 again, expected each value once (it is also at 0; "
       "under method random, \"probabilities\" draw a value more often)"},
      {parameters(R"("lr": {"value": 0.1, "values": [0.1]})"),
       "/parameters/lr/values: \"values\" does not belong to the distribution \"constant\""},
      {parameters(R"("epochs": {"value": 1.5})"),
       "/parameters/epochs/value: found 1.5, expected a whole number in [1, 10000]"},
      {parameters(R"("epochs": {"value": 9223372036854775808})"),
       "/parameters/epochs/value: found 9223372036854775808, expected a whole number in [1, "
       "10000]"},
      {parameters(R"("optimizer": {"value": "adam"})"),
       "/parameters/optimizer/value: found \"adam\", expected one of \"adamw\", \"sgd\", \"muon\" "
       "(did you mean \"adamw\"?)"},
      {parameters(R"("arch.p": {"values": [[1], 2]})"),
       "/parameters/arch.p/values/0: found a list of 1, expected a finite number, text, true or "
       "false"},
      {random_parameters(R"("lr": {"distribution": "uniform", "min": 0.2, "max": 0.1})"),
       "/parameters/lr/max: found 0.1, expected a number above min, 0.2"},
      {random_parameters(R"("lr": {"distribution": "uniform", "min": 0, "max": 0.1})"),
       "/parameters/lr/min: found 0, expected a number in (0, 10] (this end is open: write a "
       "little more)"},
      {random_parameters(R"("lr": {"distribution": "uniform", "max": 0.1})"),
       "/parameters/lr/min: missing, expected a number"},
      {random_parameters(R"("lr": {"max": 0.1})"),
       "/parameters/lr/min: missing, expected a number: a range has two ends"},
      {random_parameters(
           R"("weight_decay": {"distribution": "log_uniform_values", "min": 0, "max": 1})"),
       "/parameters/weight_decay/min: found 0, expected a number above 0"},
      {random_parameters(R"("epochs": {"distribution": "uniform", "min": 1, "max": 5})"),
       "/parameters/epochs: \"uniform\" draws real numbers, expected a whole number in [1, 10000] "
       "(write \"int_uniform\" or list \"values\")"},
      {random_parameters(R"("variant": {"distribution": "normal", "mu": 1, "sigma": 1})"),
       "/parameters/variant: \"normal\" draws real numbers, expected a name (list \"values\")"},
      {random_parameters(R"("lr": {"distribution": "normal", "mu": 0.1, "sigma": 0})"),
       "/parameters/lr/sigma: found 0, expected a number above 0"},
      {random_parameters(R"("epochs": {"distribution": "int_uniform", "min": 3, "max": 3})"),
       "/parameters/epochs/max: found 3, expected a whole number above min, 3"},
      {random_parameters(R"("lr": {"distribution": "gaussian"})"),
       "/parameters/lr/distribution: found \"gaussian\", expected one of \"constant\", "
       "\"categorical\", \"uniform\", \"log_uniform_values\", \"int_uniform\", \"normal\", "
       "\"inv_log_uniform_values\", \"log_normal\", \"beta\", \"q_uniform\", "
       "\"q_log_uniform_values\", \"q_normal\", \"q_log_normal\", \"q_beta\""},
      {random_parameters(R"("lr": {"distribution": "q_uniform", "min": 1, "max": 2})"),
       "/parameters/lr/q: missing, expected a number above 0"},
      {random_parameters(R"("lr": {"distribution": "q_uniform", "min": 1, "max": 2, "q": 0})"),
       "/parameters/lr/q: found 0, expected a number above 0"},
      {random_parameters(R"("lr": {"distribution": "q_uniform", "min": 1, "max": 2, "q": 1.5})"),
       "/parameters/lr/q: found 1.5, expected a step with at least two multiples in the range"},
      {random_parameters(
           R"("batch_size": {"distribution": "q_uniform", "min": 32, "max": 64, "q": 0.5})"),
       "/parameters/batch_size/q: found 0.5, expected a whole number in [1, 9007199254740992]"},
      {random_parameters(R"("lr": {"min": 0.1, "max": 0.4, "q": 0.1})"),
       "/parameters/lr/q: \"q\" does not belong to the distribution \"uniform\" (write "
       "\"distribution\": \"q_uniform\")"},
      {random_parameters(
           R"("lr": {"distribution": "inv_log_uniform_values", "min": 0.1, "max": 0.01})"),
       "/parameters/lr/max: found 0.01, expected a number above min, 0.1"},
      {random_parameters(R"("lr": {"distribution": "log_normal", "mu": 5, "sigma": 1})"),
       "/parameters/lr: found a distribution of which 0 % is a number in (0, 10], expected at "
       "least "
       "25 %: it is cut off there (choose another mu or a smaller sigma)"},
      {random_parameters(R"("momentum": {"distribution": "beta", "a": 0, "b": 1})"),
       "/parameters/momentum/a: found 0, expected a number above 0"},
      {random_parameters(R"("crop_padding": {"distribution": "beta", "a": 1, "b": 1})"),
       "/parameters/crop_padding: \"beta\" draws numbers from 0 to 1, expected a whole number in "
       "[0, 8] (write \"int_uniform\" or list \"values\")"},

      {random_parameters(R"("lr": {"values": [0.1, 0.2], "probabilities": [0.5]})"),
       "/parameters/lr/probabilities: found a list of 1, expected a list of 2, one for each value"},
      {random_parameters(R"("lr": {"values": [0.1, 0.2], "probabilities": [0.5, 0.6]})"),
       "/parameters/lr/probabilities: the probabilities add up to 1.1, expected 1, within "
       "0.000001"},
      {random_parameters(R"("lr": {"values": [0.1, 0.2], "probabilities": [1.5, 0.5]})"),
       "/parameters/lr/probabilities/0: found 1.5, expected a number in [0, 1] (probabilities are "
       "fractions that add up to 1, as in [0.8, 0.2])"},
  });
}

TEST(ParameterMistakes, ANearMissSaysTheNextStep) {
  expect_all({
      {parameters(R"("lr": {"values": ["1e-3"]})"),
       "/parameters/lr/values/0: found \"1e-3\", expected a number in (0, 10] (it is text: take "
       "the quotes off)"},
      {sweep_with(R"("seeds": ["1"])"),
       "/seeds/0: found \"1\", expected a whole number in [0, 9007199254740991] (it is text: take "
       "the quotes off)"},
      {parameters(R"("drop_last": {"value": "true"})"),
       "/parameters/drop_last/value: found \"true\", expected true or false (it is text: take the "
       "quotes off)"},
      {parameters(R"("variant": {"value": ["v2", "v3"]})"),
       "/parameters/variant/value: found a list of 2, expected a name (write \"values\" for a "
       "list)"},
      {random_parameters(R"("label_smoothing": {"min": 0, "max": 1})"),
       "/parameters/label_smoothing/max: found 1, expected a number in [0, 1) (this end is open: "
       "write 0.999)"},
      {parameters(R"("optimizer": {"value": "SGD_"})"),
       "/parameters/optimizer/value: found \"SGD_\", expected one of \"adamw\", \"sgd\", \"muon\" "
       "(did you mean \"sgd\"?)"},
  });
}

TEST(ParameterMistakes, WordsOfOtherTrainersNameTheWordToUse) {
  const std::string unknown = "unknown parameter, expected a field of the table or \"arch.NAME\" ";
  expect_all({
      {parameters(R"("opt": {"value": "adamw"})"),
       "/parameters/opt: " + unknown + "(write \"optimizer\")"},
      {parameters(R"("BS": {"value": 1})"),
       "/parameters/BS: " + unknown + "(write \"batch_size\")"},
      {parameters(R"("learningRate": {"value": 1})"),
       "/parameters/learningRate: " + unknown + "(write \"lr\")"},
      {parameters(R"("BATCH_SIZE": {"value": 1})"),
       "/parameters/BATCH_SIZE: " + unknown + "(did you mean \"batch_size\"?)"},
      {parameters(R"("LR": {"value": 1})"),
       "/parameters/LR: " + unknown + "(did you mean \"lr\"?)"},
      {parameters(R"("drop_path": {"value": 1})"),
       "/parameters/drop_path: " + unknown + "(leave it out: there is no such setting here)"},
      {parameters(R"("gpuid": {"value": 1})"),
       "/parameters/gpuid: " + unknown +
           "(leave it out: `firesweep run --device cuda` says where)"},
      {parameters(R"("dataset": {"value": 1})"),
       "/parameters/dataset: " + unknown + "(write \"dataset\" beside \"parameters\")"},
      {R"({"method": "grid", "dataset": "CIFAR-10", "parameters": {}})",
       "/dataset: found \"CIFAR-10\", expected one of \"cifar100\", \"cifar10\", "
       "\"fashion_mnist\" (did you mean \"cifar10\"?)"},
  });
}

TEST(ParameterMistakes, GroupsOfParametersAreToldToMoveUp) {
  const std::string up = "found a group of parameters, expected the values of one ";
  expect_all({
      {parameters(R"("optimizer": {"parameters": {"lr": {"value": 1}, "momentum": {"value": 0}}})"),
       "/parameters/optimizer: " + up + "(write lr, momentum one level up)"},
      {parameters(R"("optimizer": {"name": {"values": ["sgd"]}, "lr": {"value": 1}})"),
       "/parameters/optimizer: " + up +
           "(write \"optimizer\": {\"values\":[\"sgd\"]}, and lr one level up)"},
      {parameters(R"("optimizer": {"type": {"value": "sgd"}})"),
       "/parameters/optimizer: " + up + "(write \"optimizer\": {\"value\":\"sgd\"})"},
      {parameters(R"("optimizer": {"lr": {"value": 1}, "wd": {"value": 0}})"),
       "2 mistakes\n  /parameters/optimizer: " + up +
           "(write lr one level up)\n  /parameters/optimizer/wd: unknown parameter, expected a "
           "field "
           "of the table or \"arch.NAME\" (write \"weight_decay\")"},
      {parameters(R"("optimizer.lr": {"value": 1})"),
       "/parameters/optimizer.lr: found a dotted name, as of a group of parameters (write \"lr\")"},
  });
}

// What follows the advice is told with it: issue 13, rough-06.
TEST(ParameterMistakes, AListOfValuesTellsEachOfItsMistakes) {
  EXPECT_EQ(mistake_of(parameters(R"("optimizer": {"values": ["SGD", "sgd", "Adam", "sgd"]})")),
            "x.json: 3 mistakes\n"
            "  /parameters/optimizer/values/0: found \"SGD\", expected one of \"adamw\", \"sgd\", "
            "\"muon\" (did you mean \"sgd\"?)\n"
            "  /parameters/optimizer/values/2: found \"Adam\", expected one of \"adamw\", \"sgd\", "
            "\"muon\" (did you mean \"adamw\"?)\n"
            "  /parameters/optimizer/values/3: found \"sgd\" again, expected each value once (it "
            "is also at 1; under method random, \"probabilities\" draw a value more often)");
  EXPECT_EQ(mistake_of(parameters(R"("lr-scheduler": {"values": ["CosineAnnealingLR", "one_cycle"]},
              "warmup_epochs": {"value": 10})"))
                .substr(0, 18),
            "x.json: 4 mistakes")
      << "the values are read as those of schedule, warmup_fraction";
  EXPECT_EQ(mistake_of(R"({"method": "random", "dataset": "cifar100", "parameters":
              {"lr": {"min": "a", "max": 20}}})")
                .substr(0, 18),
            "x.json: 3 mistakes");
  EXPECT_EQ(mistake_of(R"({"method": "grid", "dataset": "cifar100", "parameters":
              {"bs": {"value": 1}, "lr": {"min": 0.1, "max": 0.2}}})")
                .substr(0, 18),
            "x.json: 2 mistakes");
}

TEST(ParameterMistakes, NumbersMeanWhatWasTyped) {
  const std::string good = "method: grid\ndataset: cifar100\nparameters:\n";
  const auto dropout = [&](const std::string& typed) {
    const auto spec = decode_sweep(good + "  dropout: {value: " + typed + "}\n", "x.yaml");
    return spec ? to_string(Value(spec->base.dropout)) : "refused";
  };
  EXPECT_EQ(dropout("+0.5"), "0.5");
  EXPECT_EQ(dropout("-0.5"), "-0.5");
  for (const char* typed : {"+-0.5", "-+0.5", "++0.5", "--0.5", "+-1"}) {
    EXPECT_EQ(dropout(typed), "refused") << typed;
  }
  const auto spec = decode_sweep(parameters(R"("epochs": {"values": [1e0, 2.0]}, "batch_size":
      {"value": 1.28e2})",
                                            R"(, "seeds": [1.0, 1e3], "max_restarts": 2.0)"),
                                 "x.json");
  ASSERT_TRUE(spec) << to_string(spec.error());
  EXPECT_EQ(spec->base.batch_size, 128);
  EXPECT_EQ(spec->seeds, (std::vector<std::int64_t>{1, 1000}));
  EXPECT_EQ(spec->max_restarts, 2);
  EXPECT_EQ(std::get<ValueList>(spec->parameters.at(0).domain).values,
            (std::vector<Value>{std::int64_t{1}, std::int64_t{2}}));
  const auto drawn =
      decode_sweep(random_parameters(R"("epochs": {"min": 1.0, "max": 1e1})"), "x.json");
  ASSERT_TRUE(drawn) << to_string(drawn.error());
  EXPECT_EQ(std::get<IntUniform>(drawn->parameters.at(0).domain).max, 10);
}

TEST(ParameterMistakes, NotANumberInYaml) {
  const auto spec = decode_sweep(
      "method: grid\ndataset: cifar100\nparameters:\n  lr: {values: [0.1, .nan]}\n", "x.yaml");
  ASSERT_FALSE(spec);
  EXPECT_EQ(to_string(spec.error()),
            "x.yaml: /parameters/lr/values/1: found nan, expected a number in (0, 10]");
}

}  // namespace
}  // namespace firesweep
