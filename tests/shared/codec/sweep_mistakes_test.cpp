// Every way a sweep file can be wrong: the message names the place, what was found, what was
// expected and a near miss.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "shared/codec/sweep_codec.h"
#include "shared/domain/methods.h"
#include "tests/shared/codec/schema_check.h"

namespace firesweep {
namespace {

std::string mistake_of(const std::string& text) {
  testing::expect_agreement(text, "x.json");
  const auto spec = decode_sweep(text, "x.json");
  return spec ? "none" : to_string(spec.error());
}

// A good sweep with further members of the file, or with further parameters.
std::string sweep_with(const std::string& members) {
  return R"({"method": "grid", "dataset": "cifar100", "parameters": {}, )" + members + "}";
}
std::string parameters(const std::string& members, const std::string& more = "") {
  return R"({"method": "grid", "dataset": "cifar100", "parameters": {)" + members + "}" + more +
         "}";
}
std::string random_parameters(const std::string& members) {
  return R"({"method": "random", "run_cap": 5, "dataset": "cifar100", "parameters": {)" + members +
         "}}";
}

struct Case {
  std::string text;
  std::string message;  // without the leading "x.json: "
};

void expect_all(const std::vector<Case>& cases) {
  for (const Case& wrong : cases)
    EXPECT_EQ(mistake_of(wrong.text), "x.json: " + wrong.message) << wrong.text;
}

TEST(SweepMistakes, MembersOfTheFile) {
  expect_all({
      {R"({"dataset": "cifar100", "parameters": {}})",
       "/method: missing, expected one of \"grid\", \"random\", \"sobol\", \"tpe\", \"evolution\", "
       "\"nsga2\", \"gp\""},
      {R"({"method": "grid", "parameters": {}})",
       "/dataset: missing, expected one of \"cifar100\", \"cifar10\", \"fashion_mnist\""},
      {R"({"method": "grid", "dataset": "cifar100"})", "/parameters: missing, expected an object"},
      {sweep_with(R"("dataest": 1)"),
       "/dataest: unknown key, expected one of \"name\", \"include\", \"method\", \"metric\", "
       "\"dataset\", \"trainer\", \"preset\", \"parameters\", \"seeds\", \"racing\", "
       "\"search_seed\", "
       "\"exclude\", \"zip\", \"conditions\", "
       "\"constraints\", \"run_cap\", \"order\", \"priority\", "
       "\"max_concurrent_trials\", \"max_restarts\", "
       "\"max_failed_trials\", \"max_trial_duration\", \"reuse\", \"checkpoint\", "
       "\"early_terminate\", "
       "\"$schema\" (did you "
       "mean \"dataset\"?)"},
      {R"({"method": "grid", "dataset": "cifar-100", "parameters": {}})",
       "/dataset: found \"cifar-100\", expected one of \"cifar100\", \"cifar10\", "
       "\"fashion_mnist\" "
       "(did you mean \"cifar100\"?)"},
      {R"({"method": "grid", "dataset": "cifar100", "parameters": []})",
       "/parameters: found an empty list, expected an object, such as {\"lr\": {\"values\": "
       "[0.001, "
       "0.003]}}"},
      {sweep_with(R"("name": "")"), "/name: found \"\", expected 1 to 100 printable characters"},
      {sweep_with(R"("name": 3)"), "/name: found 3, expected text"},
      {sweep_with(R"("trainer": "pytorch")"),
       "/trainer: found \"pytorch\", expected one of \"torch\", \"simulated\" (did you mean "
       "\"torch\"?)"},
      {sweep_with(R"("preset": "studie")"),
       "/preset: found \"studie\", expected one of \"adamw\", \"default\", \"muon\", \"sgd\", "
       "\"study\" (did you mean \"study\"?)"},
      {sweep_with(R"("run_cap": 0)"),
       "/run_cap: found 0, expected a whole number in [1, 1099511627776]"},
      {sweep_with(R"("max_restarts": -1)"),
       "/max_restarts: found -1, expected a whole number in [0, 1000]"},
      {sweep_with(R"("order": "interleave")"),
       "/order: found \"interleave\", expected one of \"longest_first\", \"interleaved\" (did you "
       "mean \"interleaved\"?)"},
      {sweep_with(R"("priority": 101)"),
       "/priority: found 101, expected a whole number in [-100, 100]"},
      {sweep_with(R"("max_concurrent_trials": 2.5)"),
       "/max_concurrent_trials: found 2.5, expected a whole number in [1, 1000000]"},
      {sweep_with(R"("max_failed_trials": null)"),
       "/max_failed_trials: found null, expected a whole number in [0, 1099511627776]"},
      {sweep_with(R"("search_seed": 18446744073709551615)"),
       "/search_seed: found 18446744073709551615, expected a whole number in [0, "
       "9007199254740991]"},
  });
}

TEST(SweepMistakes, WordsThatAreRefusedNameTheWordToUse) {
  expect_all({
      {R"({"method": "bayes", "run_cap": 9, "dataset": "cifar100", "parameters": {}})",
       "/method: found \"bayes\", expected one of \"grid\", \"random\", \"sobol\", \"tpe\", "
       "\"evolution\", \"nsga2\", \"gp\" (write \"tpe\" or \"gp\"; `firesweep explain method` "
       "tells "
       "when to use which)"},
      {R"({"method": "sobol", "dataset": "cifar100", "parameters": {}})",
       "/run_cap: missing, expected the number of trials to draw"},
      {R"({"method": "tpe", "run_cap": 9, "dataset": "cifar100", "parameters": {
           "lr": {"values": [0.1, 0.2], "probabilities": [0.5, 0.5]}}})",
       "/parameters/lr/probabilities: method tpe weighs no values (leave them out, or write "
       "\"method\": \"random\")"},
      {R"({"method": "gp", "run_cap": 9, "dataset": "cifar100", "parameters": {
           "amp": {"values": ["off", "bf16"]}}})",
       "/parameters/amp: found several values or a condition, expected one value everywhere: "
       "method gp proposes points before it "
       "is known which worker trains them (write {\"value\": \"auto\"})"},
      {R"({"method": "gird", "dataset": "cifar100", "parameters": {}})",
       "/method: found \"gird\", expected one of \"grid\", \"random\", \"sobol\", \"tpe\", "
       "\"evolution\", \"nsga2\", \"gp\" (did you mean \"grid\"?)"},
      {sweep_with(R"("program": "train.py")"),
       "/program: \"program\" is not used here: firesweep trains by itself (leave it out; "
       "parameters.variant says what is trained)"},
      {sweep_with(R"("include": "base.json")"),
       "/include: found an \"include\" that nobody has read: expected the merged text (hand the "
       "file "
       "in with `firesweep submit` or `firesweep run`)"},
      {sweep_with(R"("name": "${USER}")"),
       "/name: found \"${USER}\", expected no variable (a sweep file means the same everywhere: "
       "write the value itself, or give it with --set PARAMETER.value=...)"},
      {sweep_with(R"("command": [])"),
       "/command: \"command\" is not used here: firesweep trains by itself (leave it out; "
       "parameters.variant says what is trained)"},
      {sweep_with(R"("learning_rate": 1)"),
       "/learning_rate: \"learning_rate\" does not stand here (write \"parameters\": {\"lr\": "
       "{\"value\": ...}})"},
      {sweep_with(R"("epochs": 1)"),
       "/epochs: \"epochs\" does not stand here (write \"parameters\": {\"epochs\": {\"value\": "
       "...}})"},
      {sweep_with(R"("early_terminate": "asha")"),
       "/early_terminate: found \"asha\", expected an object, such as {\"type\": \"asha\", "
       "\"eta\": 3} (`firesweep explain early_terminate` explains it)"},
      {sweep_with(R"("early_terminate": {"eta": 3})"),
       "/early_terminate/type: missing, expected one of \"asha\", \"hyperband\", \"median\", "
       "\"threshold\", \"plateau\", \"one_epoch_top_k\""},
      {sweep_with(R"("early_terminate": {"type": "asho"})"),
       "/early_terminate/type: found \"asho\", expected one of \"asha\", \"hyperband\", "
       "\"median\", "
       "\"threshold\", \"plateau\", \"one_epoch_top_k\" (did you mean \"asha\"?)"},
      {sweep_with(R"("early_terminate": {"type": "median", "eta": 3})"),
       "/early_terminate/eta: unknown key, expected one of \"type\", \"min_iter\", \"min_others\", "
       "\"group_by\""},
      {sweep_with(R"("early_terminate": {"type": "hyperband", "promotion": true})"),
       "/early_terminate/promotion: unknown key, expected one of \"type\", \"min_iter\", "
       "\"eta\", \"group_by\""},
      {sweep_with(R"("early_terminate": {"type": "asha", "promotion": "yes"})"),
       "/early_terminate/promotion: found \"yes\", expected true or false"},
      {sweep_with(R"("early_terminate": {"type": "asha", "eta": 1})"),
       "/early_terminate/eta: found 1, expected a number above 1 and up to 100"},
      {sweep_with(R"("early_terminate": {"type": "asha", "min_iter": 1000})"),
       "/early_terminate/min_iter: found 1000, expected less than the 15 epochs: no trial "
       "would be stopped"},
      {sweep_with(R"("early_terminate": {"type": "threshold"})"),
       "/early_terminate/at_least: missing, expected a number from 0 to 1"},
      {sweep_with(R"("early_terminate": {"type": "asha", "group_by": ["variant", "variant"]})"),
       "/early_terminate/group_by/1: found \"variant\" again, expected each parameter once"},
      {sweep_with(R"("racing": 3)"),
       "/racing: found 3, expected an object, such as {\"top\": 3} (`firesweep explain racing` "
       "explains it)"},
      {sweep_with(R"("racing": {"level": 0.1})"),
       "/racing/top: missing, expected the number of points that are looked for"},
      {sweep_with(R"("racing": {"top": 3, "level": 1})"),
       "/racing/level: found 1, expected a number above 0 and up to 0.5"},
      {sweep_with(R"("racing": {"top": 3, "test": "F"})"),
       "/racing/test: unknown key, expected one of \"top\", \"level\", \"group_by\""},
      {R"({"method": "tpe", "run_cap": 9, "trainer": "simulated", "racing": {"top": 3},
           "parameters": {"lr": {"min": 0.01, "max": 0.1}}})",
       "/racing: method tpe proposes a point when its turn comes, so that no round of points is "
       "compared (leave it out, or write method \"random\")"},
      {parameters(R"("learning_rate": {"value": 1})"),
       "/parameters/learning_rate: \"learning_rate\" is not a parameter (write \"lr\")"},
      {parameters(R"("seed": {"values": [1, 2]})"),
       "/parameters/seed: \"seed\" is not a parameter (list training seeds in \"seeds\", beside "
       "\"parameters\")"},
      {random_parameters(R"("lr": {"distribution": "log_uniform", "min": -4, "max": -2})"),
       "/parameters/lr/distribution: \"log_uniform\" means exponents in one tool and values in "
       "another (write \"log_uniform_values\", whose min and max are values)"},
      {random_parameters(
           R"("lr": {"distribution": "q_log_uniform", "min": -4, "max": -2, "q": 1})"),
       "/parameters/lr/distribution: \"q_log_uniform\" means exponents in one tool and values in "
       "another (write \"q_log_uniform_values\", whose min and max are values)"},
      {random_parameters(R"("lr": {"distribution": "inv_log_uniform", "min": 2, "max": 4})"),
       "/parameters/lr/distribution: \"inv_log_uniform\" means exponents in one tool and values in "
       "another (write \"inv_log_uniform_values\", whose min and max are values)"},
      {random_parameters(
           R"("lr": {"distribution": "categorical_w_probabilities", "values": [1, 2]})"),
       "/parameters/lr/distribution: \"categorical_w_probabilities\" is no name here (write "
       "\"categorical\", or leave it out: \"probabilities\" say it)"},
  });
}

TEST(SweepMistakes, Parameters) {
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

TEST(SweepMistakes, ANearMissSaysTheNextStep) {
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

TEST(SweepMistakes, WordsOfOtherTrainersNameTheWordToUse) {
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

TEST(SweepMistakes, GroupsOfParametersAreToldToMoveUp) {
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

// Bringing a file over from another tool takes one reading for all that can be seen at once.
TEST(SweepMistakes, OneReadingTellsThemAllInTheOrderOfTheFile) {
  const std::string text = mistake_of(R"({
    "seeds": ["1", 2, 2], "parameters": {"opt": {"value": "sgd"}, "epochs": {"value": 1.5},
      "lr": {"values": [1, "x"]}}, "method": "bayes", "unheard": 1, "exclude": [{"lr": 7}]})");
  const char* const kInOrder[] = {"x.json: 9 mistakes\n",
                                  "\n  /seeds/0: ",
                                  "\n  /seeds/2: ",
                                  "\n  /parameters/opt: ",
                                  "\n  /parameters/epochs/value: ",
                                  "\n  /parameters/lr/values/1: ",
                                  "\n  /method: ",
                                  "\n  /unheard: "};
  std::size_t at = 0;
  for (const char* part : kInOrder) {
    const std::size_t found = text.find(part);
    ASSERT_NE(found, std::string::npos) << part << " missing in\n" << text;
    EXPECT_GE(found + 1, at) << part << " stands too early in\n" << text;
    at = found;
  }
  EXPECT_NE(text.find("/dataset: missing"), std::string::npos) << text;
  EXPECT_NE(text.find("/run_cap: missing"), std::string::npos) << text;
}

// What follows the advice is told with it: issue 13, rough-06.
TEST(SweepMistakes, AListOfValuesTellsEachOfItsMistakes) {
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

TEST(SweepMistakes, AtMostTwentyAreTold) {
  std::string many;
  for (int i = 0; i < 30; ++i) many += (i > 0 ? ", " : "") + ("\"zz" + std::to_string(i) + "\": 1");
  const std::string text = mistake_of(parameters(many));
  EXPECT_EQ(text.substr(0, 43), "x.json: the first 20 of 30 mistakes\n  /para") << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 20);
}

TEST(SweepMistakes, AWholeSweepOneLevelDownIsReadAllTheSame) {
  const std::string text = mistake_of(R"({"sweep": {"method": "grid", "dataset": "cifar100",
      "parameters": {"opt": {"value": "sgd"}}}})");
  EXPECT_NE(text.find("/sweep: found the whole sweep one level down"), std::string::npos) << text;
  EXPECT_NE(text.find("/sweep/parameters/opt: "), std::string::npos) << text;
}

TEST(SweepMistakes, NumbersMeanWhatWasTyped) {
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

TEST(SweepMistakes, NotANumberInYaml) {
  const auto spec = decode_sweep(
      "method: grid\ndataset: cifar100\nparameters:\n  lr: {values: [0.1, .nan]}\n", "x.yaml");
  ASSERT_FALSE(spec);
  EXPECT_EQ(to_string(spec.error()),
            "x.yaml: /parameters/lr/values/1: found nan, expected a number in (0, 10]");
}

TEST(SweepMistakes, MetricSeedsAndDurations) {
  expect_all({
      {sweep_with(R"("metric": "val_accuracy")"),
       "/metric: found \"val_accuracy\", expected an object (write {\"name\": \"val_accuracy\", "
       "\"goal\": \"maximize\"})"},
      {sweep_with(R"("metric": {"name": "val_acuracy"})"),
       "/metric/name: found \"val_acuracy\", expected one of \"val_accuracy\", \"test_accuracy\" "
       "(did "
       "you mean \"val_accuracy\"?)"},
      {sweep_with(R"("metric": {"goal": "maximize"})"),
       "/metric/name: missing, expected one of \"val_accuracy\", \"test_accuracy\""},
      {sweep_with(R"("metric": {"name": "val_accuracy", "goal": "minimize"})"),
       "/metric/goal: found \"minimize\", expected \"maximize\", since the metric is an accuracy"},
      {sweep_with(R"("seeds": 3)"),
       "/seeds: found 3, expected a list of whole numbers (write [3])"},
      {sweep_with(R"("seeds": [])"),
       "/seeds: found an empty list, expected a list of whole numbers"},
      {sweep_with(R"("seeds": [1, 2, 1])"), "/seeds/2: found 1 again, expected each seed once"},
      {sweep_with(R"("seeds": [-1])"),
       "/seeds/0: found -1, expected a whole number in [0, 9007199254740991]"},
      {sweep_with(R"("max_trial_duration": "soon")"),
       "/max_trial_duration: found \"soon\", expected a duration such as 90 (seconds), \"90m\", "
       "\"2h\" or \"1h30m\""},
      {sweep_with(R"("max_trial_duration": 0)"),
       "/max_trial_duration: found 0, expected a duration such as 90 (seconds), \"90m\", \"2h\" or "
       "\"1h30m\" (above 0 and at most 30 days)"},
      {sweep_with(R"("max_trial_duration": "90")"),
       "/max_trial_duration: found \"90\", expected a duration such as 90 (seconds), \"90m\", "
       "\"2h\" or \"1h30m\""},
  });
}

TEST(SweepMistakes, ExcludeAndConstraints) {
  expect_all({
      {sweep_with(R"("exclude": {})"), "/exclude: found an object, expected a list of objects"},
      {sweep_with(R"("exclude": [{}])"),
       "/exclude/0: found an object, expected an object, such as {\"variant\": \"v4\", \"lr\": "
       "0.01}"},
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

TEST(SweepMistakes, Zip) {
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

TEST(SweepMistakes, EveryMethodTakesZipAndConditions) {
  for (const MethodInfo& one : methods()) {
    EXPECT_EQ(mistake_of("{\"method\": \"" + std::string(to_string(one.method)) + R"(",
      "run_cap": 5, "dataset": "cifar100", "parameters": {"lr": {"values": [0.1, 0.2]},
      "batch_size": {"values": [64, 128]}, "momentum": {"values": [0.8, 0.9]}},
      "zip": [["lr", "batch_size"]], "conditions": {"momentum": {"lr": 0.1}}})"),
              "none")
        << to_string(one.method);
  }
}

TEST(SweepMistakes, MethodsThatLearnKnowAmpBeforeTheyPropose) {
  EXPECT_EQ(mistake_of(R"({"method": "tpe", "run_cap": 5, "dataset": "cifar100", "parameters":
      {"lr": {"values": [0.1, 0.2]}, "amp": {"value": "bf16"}},
      "conditions": {"amp": {"lr": 0.1}}})"),
            "x.json: /parameters/amp: found several values or a condition, expected one value "
            "everywhere: method tpe proposes points before it is known which worker trains them "
            "(write {\"value\": \"auto\"})");
}

TEST(SweepMistakes, Conditions) {
  const std::string given =
      R"("optimizer": {"values": ["sgd", "adamw"]}, "momentum": {"values": [0.8, 0.9]},
         "dropout": {"values": [0, 0.1]})";
  const auto conditions = [&](const std::string& object) {
    return parameters(given, ", \"conditions\": " + object);
  };
  EXPECT_EQ(mistake_of(conditions(R"({"momentum": {"optimizer": "sgd"}})")), "none");
  expect_all({
      {conditions(R"({"momentum": "sgd"})"),
       "/conditions/momentum: found \"sgd\", expected an object, such as {\"optimizer\": \"sgd\"}"},
      {conditions(R"({"lr": {"optimizer": "sgd"}})"),
       "/conditions/lr: found \"lr\", expected a parameter of this sweep (give it in "
       "\"parameters\")"},
      {conditions(R"({"momentum": {"dropout": 0}, "dropout": {"momentum": 0.8}})"),
       "/conditions: found parameters whose conditions lead back to themselves, expected none"},
      {conditions(R"({"momentum": {"optimizer": ["sgd", "sgd"]}})"),
       "/conditions/momentum/optimizer/1: found \"sgd\" again, expected each value once"},
  });
}

TEST(SweepMistakes, Checkpoint) {
  const auto checkpoint = [](const std::string& members) {
    return sweep_with("\"checkpoint\": " + members);
  };
  const std::string every =
      "expected a text such as \"1 epoch\", \"5 epochs\" or \"10 min\" (s, min, h)";
  const std::string bytes =
      "expected a whole number of bytes from 1, or a text such as \"500MB\" or \"20GiB\"";
  expect_all({
      {checkpoint("{}"),
       "/checkpoint: found an object, expected an object with \"every\", \"keep\" or "
       "\"max_bytes\" (`firesweep explain checkpoint` explains them)"},
      {checkpoint(R"({"evry": "1 epoch"})"),
       "/checkpoint/evry: unknown key, expected one of \"every\", \"keep\", \"max_bytes\" (did "
       "you mean \"every\"?)"},
      {checkpoint(R"({"every": 5})"), "/checkpoint/every: found 5, " + every},
      {checkpoint(R"({"every": "5 weeks"})"), "/checkpoint/every: found \"5 weeks\", " + every},
      {checkpoint(R"({"every": "0 epochs"})"), "/checkpoint/every: found \"0 epochs\", " + every},
      {checkpoint(R"({"every": "1.5 epochs"})"),
       "/checkpoint/every: found \"1.5 epochs\", " + every},
      {checkpoint(R"({"every": "20 ms"})"),
       "/checkpoint/every: found \"20 ms\", expected 1 second to 30 days"},
      {checkpoint(R"({"keep": "last"})"),
       "/checkpoint/keep: found \"last\", expected one of \"all\", \"best\" (which epoch's "
       "weights a trial keeps is said by parameters.select)"},
      {checkpoint(R"({"max_bytes": "20 gigs"})"),
       "/checkpoint/max_bytes: found \"20 gigs\", " + bytes},
      {checkpoint(R"({"max_bytes": true})"), "/checkpoint/max_bytes: found true, " + bytes},
  });
}

TEST(SweepMistakes, RulesBetweenMembers) {
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

TEST(SweepMistakes, TextThatDoesNotParseNamesLineAndColumn) {
  EXPECT_EQ(mistake_of("{\n  \"method\": \"grid\",\n  \"dataset\": cifar100\n}").substr(0, 12),
            "x.json:3:14:");
}

}  // namespace
}  // namespace firesweep
