// Every way a sweep file can be wrong: the message names the place, what was found, what was
// expected and a near miss.
#include "tests/shared/codec/sweep_mistakes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "shared/codec/sweep_codec.h"

namespace firesweep {
namespace {

using testing::expect_all;
using testing::mistake_of;
using testing::parameters;
using testing::random_parameters;
using testing::sweep_with;

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
       "write the value itself, or give it with --set name=...)"},
      {parameters(R"("lr": {"values": [0.1, "${LR}"]})"),
       "/parameters/lr/values/1: found \"${LR}\", expected no variable (a sweep file means the "
       "same "
       "everywhere: write the value itself, or give it with --set lr.values=...)"},
      {parameters(R"("lr": {"value": "$LR"})"),
       "/parameters/lr/value: found \"$LR\", expected no variable (a sweep file means the same "
       "everywhere: write the value itself, or give it with --set lr.value=...)"},
      {sweep_with(R"("run_cap": "$CAP")"),
       "/run_cap: found \"$CAP\", expected no variable (a sweep file means the same everywhere: "
       "write the value itself, or give it with --set run_cap=...)"},
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
      {R"({"method": "tpe", "run_cap": 9, "trainer": "simulated", "parameters": {},
           "early_terminate": {"type": "one_epoch_top_k", "promotion": true}})",
       "/early_terminate/promotion: method tpe learns from results, and none comes before its last "
       "point has been proposed (leave it out, or write method \"random\")"},
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
      {sweep_with(
           R"("racing": {"top": 3}, "early_terminate": {"type": "asha", "promotion": true})"),
       "/racing: a trial that waits at a rung of \"promotion\" has not ended, so that no round of "
       "seeds comes to its end (leave it out, or write \"promotion\": false)"},
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
       "/checkpoint: found an empty object, expected an object with \"every\", \"keep\" or "
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

TEST(SweepMistakes, TextThatDoesNotParseNamesLineAndColumn) {
  EXPECT_EQ(mistake_of("{\n  \"method\": \"grid\",\n  \"dataset\": cifar100\n}").substr(0, 12),
            "x.json:3:14:");
}

}  // namespace
}  // namespace firesweep
