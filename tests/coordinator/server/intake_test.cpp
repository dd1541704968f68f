// Whatever `submit` accepts, a fresh start reads back; what it refuses leaves nothing.
#include "coordinator/server/intake.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "coordinator/core/scheduler.h"
#include "coordinator/server/offline.h"
#include "coordinator/server/scheduler_options.h"
#include "coordinator/store/store.h"
#include "shared/codec/json_text.h"

namespace firesweep {
namespace {

constexpr const char* kNetwork = R"({"format": 1, "input": [3, 32, 32], "params": {"p": 0.3},
  "blocks": [{"conv": 4}, "global_avg_pool", {"dropout": "$p"}, {"linear": "classes"}]})";

class Draw {
 public:
  explicit Draw(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_() % n; }
  template <class T, std::size_t N>
  const T& of(const T (&all)[N]) {
    return all[below(N)];
  }

  // Letters, blanks, wide and combining characters, controls, and bytes of no character.
  std::string name() {
    static const std::string kPieces[] = {"a",  "Z",    " ",      "ä",       "網",     "😀",
                                          "\t", "\x1b", "\u009b", "\u202e",  "\u200b", "\x7f",
                                          "\"", "\\",   "\n",     "e\u0301", "\xff",   "."};
    const std::size_t tame = below(2) == 0 ? 6 : std::size(kPieces);
    std::string text;
    for (std::size_t left = below(below(4) == 0 ? 130 : 12); left > 0; --left) {
      text += kPieces[below(tame)];
    }
    return text;
  }

  std::string number() {
    static const char* const kNumbers[] = {"0.001", "1e-3",  "3e-2",   "0.1", "1",
                                           "1.0",   "0",     "-0.0",   "1e1", "0.3000",
                                           "64.0",  "1e300", "5e-324", "128", "7"};
    return of(kNumbers);
  }

  std::string domain() {
    switch (below(6)) {
      case 0:
        return "{\"value\": " + number() + "}";
      case 1:
        return "{\"values\": [" + number() + ", " + number() + "]}";
      case 2:
        return "{\"min\": " + number() + ", \"max\": " + number() + "}";
      case 3:
        return "{\"distribution\": \"normal\", \"mu\": " + number() + ", \"sigma\": " + number() +
               "}";
      case 4:
        return "{\"values\": [" + number() + ", " + number() +
               "], \"probabilities\": [0.30000000000000004, 0.7]}";
      default:
        return "{\"distribution\": \"log_uniform_values\", \"min\": " + number() +
               ", \"max\": " + number() + "}";
    }
  }

  request::Submit submission() {
    static const char* const kFields[] = {
        "lr",      "label_smoothing", "epochs",    "batch_size",      "momentum",  "weight_decay",
        "dropout", "arch.p",          "grad_clip", "warmup_fraction", "ema_decay", "split_seed"};
    std::string parameters = R"("variant": {"value": "v1"})";
    for (std::size_t i = below(4); i > 0; --i) {
      parameters += ", \"" + std::string(of(kFields)) + "\": " + domain();
    }
    std::string text = "{";
    if (below(2) == 0) text += "\"name\": " + dump_json(name()) + ", ";
    static const char* const kMore[] = {
        "",
        R"("seeds": [1.0, 2e0], )",
        R"("max_trial_duration": "1.0005s", )",
        R"("max_trial_duration": 0.001, )",
        R"("constraints": ["params<=1_000_000 "], )",
        R"("max_failed_trials": 0, "max_restarts": 0, )",
        R"("search_seed": 9007199254740991, )",
    };
    text += of(kMore);
    text += below(2) == 0 ? R"("method": "grid", )" : R"("method": "random", "run_cap": 3, )";
    text += below(2) == 0 ? R"("trainer": "simulated", )" : R"("dataset": "cifar100", )";
    text += "\"parameters\": {" + parameters + "}}";
    static const char* const kEndings[] = {".json", ".yaml", ""};
    return {name() + of(kEndings), text, {{"v1", kNetwork}}};
  }

 private:
  std::mt19937 random_;
};

TEST(Intake, WhateverSubmitAcceptsAFreshStartReadsBack) {
  int accepted = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    const request::Submit submit = Draw(seed).submission();
    Store store = Store::in_memory();
    const ClientReply reply = apply_offline(store, {kClientProtocolVersion, submit});
    if (!reply) {
      EXPECT_TRUE(store.snapshot().sweeps.empty()) << "refused means nothing happened";
      continue;
    }
    ++accepted;
    const Snapshot snapshot = store.snapshot();  // throws where a row does not read back
    ASSERT_EQ(snapshot.sweeps.size(), 1u);
    const Scheduler again(snapshot, default_scheduler_options(), system_now());
    EXPECT_EQ(again.overview(system_now()).sweeps.size(), 1u);
  }
  EXPECT_GT(accepted, 40);
  EXPECT_LT(accepted, 360);
}

TEST(Intake, AMistakeIsToldWhereTheUserWroteIt) {
  request::Submit submit{"x.json",
                         R"({"method": "grid", "trainer": "simulated", "run_cap": 1,
                             "parameters": {"variant": {"value": "v2"}}})",
                         {{"v1", kNetwork}},
                         {{"/parameters", "base.json"}, {"/run_cap", "--set run_cap=1", true}}};
  const auto unknown = expand_submission(submit);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().where, "base.json: /parameters/variant/value");
  submit.spec_text.replace(submit.spec_text.find("\"run_cap\": 1"), 12, "\"run_cap\": 0");
  const auto capped = expand_submission(submit);
  ASSERT_FALSE(capped);
  EXPECT_EQ(capped.error().where, "--set run_cap=1");
}

// What is said of a sweep whose networks have a choice of blocks and, but for "plain", a width.
std::string mistake_of(const std::string& parameters, const std::string& more = "") {
  const std::string head = R"({"format": 1, "input": [3, 32, 32], "params": {"stage": "one")";
  const std::string blocks =
      R"(}, "blocks": [{"choice": "$stage", "of": {"none": [], "one": [{"conv": 4}]}},
         {"conv": 4}, "global_avg_pool", {"linear": "classes"}]})";
  const auto expanded =
      expand_submission({"x.json",
                         R"({"trainer": "simulated", "parameters": {)" + parameters + "}, " +
                             (more.empty() ? R"("method": "grid")" : more) + "}",
                         {{"plain", head + blocks}, {"wide", head + R"(, "width": 4)" + blocks}}});
  return expanded ? "none" : to_string(expanded.error());
}

TEST(Intake, AMistakeOfANetworkIsToldAtTheSweepsOwnPlace) {
  const std::string nope =
      "found \"nope\", with which the network cannot be built: plain: /blocks/0/of: the parameter "
      "\"$stage\" is \"nope\", expected one of \"none\", \"one\" (did you mean \"none\"?)";
  EXPECT_EQ(
      mistake_of(R"("variant": {"value": "plain"}, "arch.stage": {"values": ["one", "nope"]})"),
      "x.json: /parameters/arch.stage/values/1: " + nope);
  EXPECT_EQ(mistake_of(R"("variant": {"value": "plain"}, "arch.stage": {"value": "nope"})"),
            "x.json: /parameters/arch.stage/value: " + nope);
  EXPECT_EQ(mistake_of(R"("variant": {"value": "plain"}, "arch.stage": {"values": ["nope"]})"),
            "x.json: /parameters/arch.stage/values/0: " + nope)
      << "as the file has it";
  const std::string drawn = R"("method": "random", "run_cap": 9)";
  EXPECT_EQ(mistake_of(R"("variant": {"value": "plain"}, "arch.stage": {"values": ["one", "nope"]},
                          "lr": {"min": 0.1, "max": 0.2})",
                       drawn),
            "x.json: /parameters/arch.stage/values/1: " + nope);
}

TEST(Intake, AParameterOfAnotherVariantIsToldWithTheConditionToWrite) {
  EXPECT_EQ(mistake_of(R"("variant": {"value": "plain"}, "arch.width": {"values": [4, 8]})"),
            "x.json: /parameters/arch.width: the architecture plain has no parameter \"width\", "
            "expected stage");
  EXPECT_EQ(
      mistake_of(R"("variant": {"values": ["wide", "plain"]}, "arch.width": {"value": 4})"),
      "x.json: /parameters/arch.width: the architecture plain has no parameter \"width\", "
      "expected stage (write \"conditions\": {\"arch.width\": {\"variant\": \"wide\"}}, so that it "
      "exists there only)");
}

TEST(Intake, WhatIsNotInTheFileIsToldAtTheNearestMemberThatIs) {
  EXPECT_EQ(mistake_of("").substr(0, 21), "x.json: /parameters: ");
  EXPECT_EQ(mistake_of(R"("variant": {"values": ["narrow"]})").substr(0, 38),
            "x.json: /parameters/variant/values/0: ");
  EXPECT_EQ(mistake_of(R"("variant": {"value": "plain"})",
                       R"("method": "grid", "constraints": ["params < 1"])")
                .substr(0, 43),
            "x.json: /constraints: nothing is left to ru");
}

// Frozen, a file is larger than it was: every default is written out.
TEST(Intake, WhatWouldBeTooLargeToReadBackIsRefused) {
  std::string parameters = R"("variant": {"value": "v1"})";
  for (int i = 0; i < 990; ++i) {
    parameters += ", \"arch.x" + std::to_string(i) + "\": {\"value\": 1}";
  }
  const request::Submit submit{
      "x.json",
      R"({"method": "grid", "trainer": "simulated", "parameters": {)" + parameters + "}}",
      {{"v1", kNetwork}}};
  Store store = Store::in_memory();
  const ClientReply reply = apply_offline(store, {kClientProtocolVersion, submit});
  ASSERT_FALSE(reply);
  EXPECT_NE(reply.error().what.find("reads back"), std::string::npos) << reply.error().what;
  EXPECT_TRUE(store.snapshot().sweeps.empty());
}

}  // namespace
}  // namespace firesweep
