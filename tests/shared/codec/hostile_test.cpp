// Files that nobody wrote by hand: cut off anywhere, with a byte flipped, or filled with what blows
// up memory. Each is either decoded or refused with a message, in little time.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "shared/codec/architecture_codec.h"
#include "shared/codec/config_codec.h"
#include "shared/codec/sweep_codec.h"
#include "shared/domain/architecture.h"
#include "tests/bounded.h"
#include "tests/places.h"
#include "tests/shared/codec/schema_check.h"

namespace firesweep {
namespace {

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(source_dir() / path).rdbuf();
  EXPECT_GT(text.str().size(), 200u) << path;
  return text.str();
}

// Decodes whatever it is; returns whether it was good. A refusal says something.
bool sweep_is_good(const std::string& text, const std::string& file) {
  testing::expect_agreement(text, file);
  const auto spec = decode_sweep(text, file);
  EXPECT_TRUE(spec || !spec.error().what.empty());
  return spec.has_value();
}
bool architecture_is_good(const std::string& text) {
  const auto architecture = decode_architecture(text, "x.json");
  if (!architecture) {
    EXPECT_FALSE(architecture.error().what.empty());
    return false;
  }
  return resolve(*architecture, 100).has_value();
}

TEST(Hostile, SweepFileCutOffAtEveryByteIsRefused) {
  const std::string text = text_of("sweeps/cifar100_variants.json");
  const std::size_t end = text.rfind('}');
  for (std::size_t length = 0; length <= end; ++length) {
    EXPECT_FALSE(sweep_is_good(text.substr(0, length), "x.json")) << length;
    sweep_is_good(text.substr(0, length), "x.yaml");
  }
  EXPECT_TRUE(sweep_is_good(text, "x.json"));
}

TEST(Hostile, ArchitectureFileCutOffAtEveryByteIsRefused) {
  const std::string text = text_of("architectures/v3.json");
  for (std::size_t length = 0; length <= text.rfind('}'); ++length) {
    EXPECT_FALSE(architecture_is_good(text.substr(0, length))) << length;
  }
  EXPECT_TRUE(architecture_is_good(text));
}

RC_GTEST_PROP(Hostile, FlippedBytesNeverCrash, ()) {
  static const std::string sweep = text_of("sweeps/cifar100_variants.json");
  static const std::string architecture = text_of("architectures/v4.json");
  const auto flipped = [](std::string text) {
    const auto flips = *rc::gen::inRange(1, 5);
    for (int i = 0; i < flips; ++i) {
      text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
    }
    return text;
  };
  sweep_is_good(flipped(sweep), *rc::gen::element<std::string>("x.json", "x.yaml"));
  architecture_is_good(flipped(architecture));
}

RC_GTEST_PROP(Hostile, GarbageNeverCrashes, ()) {
  // What parsers give a meaning to, and anything else now and then.
  const auto letter = rc::gen::weightedOneOf<char>(
      {{9, rc::gen::elementOf(std::string("{}[]:,-?!&*#|>@%\"'`\\~ \n\tae01.$/"))},
       {1, rc::gen::arbitrary<char>()}});
  const auto text = *rc::gen::container<std::string>(letter);
  sweep_is_good(text, "x.json");
  sweep_is_good(text, "x.yaml");
  architecture_is_good(text);
  (void)decode_config(text);
}

TEST(Hostile, HugeNumbersAreRefused) {
  for (const char* number : {"1e999", "-1e999", "123456789012345678901234567890", "1e308",
                             "9223372036854775808", "-9223372036854775809", "1e-999"}) {
    EXPECT_FALSE(sweep_is_good(R"({"method": "grid", "dataset": "cifar100", "parameters":
                               {"epochs": {"value": )" +
                                   std::string(number) + "}}}",
                               "x.json"))
        << number;
    EXPECT_FALSE(architecture_is_good(
        R"({"format": 1, "input": [3, 32, 32], "blocks": [{"conv": )" + std::string(number) +
        R"(}, "global_avg_pool", {"linear": "classes"}]})"))
        << number;
  }
}

TEST(Hostile, LongListsAreRefused) {
  std::string values = "1";
  for (int i = 2; i <= 10'001; ++i) values += "," + std::to_string(i);
  EXPECT_FALSE(sweep_is_good(R"({"method": "grid", "dataset": "cifar100", "parameters":
                             {"split_seed": {"values": [)" +
                                 values + "]}}}",
                             "x.json"));
}

TEST(Hostile, DeepNestingIsRefused) {
  std::string blocks;
  for (int i = 0; i < 30; ++i) blocks += R"({"residual":[)";
  blocks += "\"bn\"";
  for (int i = 0; i < 30; ++i) blocks += "]}";
  EXPECT_TRUE(decode_architecture(
      R"({"format": 1, "input": [3, 32, 32], "blocks": [)" + blocks + "]}", "x.json"));
  for (int i = 0; i < 5000; ++i) blocks = R"({"residual":[)" + blocks + "]}";
  EXPECT_FALSE(
      architecture_is_good(R"({"format": 1, "input": [3, 32, 32], "blocks": [)" + blocks + "]}"));
}

// ---- texts that multiply, and texts of one character ----

std::string outcome(const std::string& text, const std::string& file) {
  return testing::bounded([&] {
    const auto spec = decode_sweep(text, file);
    return spec ? "read" : to_string(spec.error()).substr(0, 200);
  });
}

TEST(Hostile, AYamlTextThatAliasesMultiplyIsRefused) {
  std::string text = "a: &a \"" + std::string(500'000, 'x') + "\"\nb: [";
  for (int i = 0; i < 100'000; ++i) text += "*a,";
  EXPECT_NE(outcome(text + "]\n", "x.yaml").find("bytes of values, aliases followed"),
            std::string::npos)
      << outcome(text + "]\n", "x.yaml");
  std::string keys = "a: &a {" + std::string(1'000, 'x') + ": 1}\nb: [";
  for (int i = 0; i < 100'000; ++i) keys += "*a,";
  EXPECT_NE(outcome(keys + "]\n", "x.yaml").find("bytes of values, aliases followed"),
            std::string::npos);
}

TEST(Hostile, AMegabyteOfOneThingIsRefusedSoon) {
  constexpr std::size_t kLength = 1'000'000;
  for (const char* piece :
       {"[",     "{",   "- ",      "-",    "? ",   ": ",   ":",        "a: ",  "*a ", "&a ",
        "!a ",   "\"",  "'",       "|\n",  ">",    "%",    "#",        "\n",   "\t",  "---\n",
        "...\n", "a",   "0",       "é",    "[a, ", "{a: ", "- - ",     "a: [", "\\",  ",",
        "&a [",  "? [", "{\"a\":", "[[],", "/*",   "//\n", "\"a\":1,", "1e9,", " ",   "a:\n "}) {
    std::string text;
    while (text.size() < kLength) text += piece;
    for (const std::string file : {"x.yaml", "x.json"}) {
      const std::string said = outcome(text, file);
      EXPECT_TRUE(said.starts_with(file)) << file << " of " << piece << ": " << said;
    }
  }
}

TEST(Hostile, NumbersThatAreNoneAreRefused) {
  for (const char* value : {".nan", ".inf", "-.inf"}) {
    const std::string said =
        outcome("method: grid\ndataset: cifar100\nparameters:\n  lr: {values: [" +
                    std::string(value) + "]}\n",
                "x.yaml");
    EXPECT_NE(said.find("/parameters/lr/values/0"), std::string::npos) << said;
  }
}

TEST(Hostile, RepeatsOfRepeatsAreRefusedSoon) {
  std::string blocks = "\"bn\"";
  for (int i = 0; i < 10; ++i) blocks = R"({"repeat": 1000, "blocks": [)" + blocks + "]}";
  const std::string text = R"({"format": 1, "input": [3, 32, 32], "blocks": [)" + blocks +
                           R"(, "global_avg_pool", {"linear": "classes"}]})";
  EXPECT_EQ(testing::bounded([&] { return architecture_is_good(text) ? "good" : "refused"; }),
            "refused");
}

}  // namespace
}  // namespace firesweep
