// Nothing that is accepted as a name can spoil a terminal or lock what is stored: one rule for
// "name" and for a name taken from the file's name.
#include <gtest/gtest.h>

#include <string>

#include "shared/base/utf8.h"
#include "shared/codec/json_text.h"
#include "shared/codec/sweep_codec.h"
#include "tests/shared/codec/schema_check.h"

namespace firesweep {
namespace {

std::string sweep(const std::string& members) {
  return "{" + members + R"("method": "grid", "dataset": "cifar100", "parameters": {}})";
}
std::string mistake_of(const std::string& text, const std::string& file) {
  testing::expect_agreement(text, file);
  const auto spec = decode_sweep(text, file);
  return spec ? "none" : to_string(spec.error());
}
std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

const std::string kBad[] = {
    std::string(), repeated("n", 101), repeated("ä", 101), "a\tb",   "a\x1b[31m",
    "a\nb",        "red \u009b31m",    "a\u202eb",         "   ",    "\u200b",
    "a\u2028b",    "a\u0085b",         "\u2066x\u2069",    "\u3000", "x\x7f",
};

TEST(SweepName, BadOnesAreRefusedAlsoWhereTheFileIsCalledSo) {
  for (const std::string& name : kBad) {
    const std::string given = mistake_of(sweep("\"name\": " + dump_json(name) + ", "), "x.json");
    EXPECT_NE(given.find("/name: found "), std::string::npos) << printable(given);
    EXPECT_NE(given.find("expected 1 to 100 printable characters"), std::string::npos) << given;
    const std::string taken = mistake_of(sweep(""), name + ".json");
    EXPECT_NE(taken.find("the file's name makes no sweep's name: found "), std::string::npos);
    EXPECT_NE(taken.find("give a \"name\""), std::string::npos) << taken;
  }
  EXPECT_NE(mistake_of(sweep(""), "\xff.json").find("not UTF-8"), std::string::npos);
}

TEST(SweepName, TheLimitCountsCharacters) {
  EXPECT_EQ(mistake_of(sweep("\"name\": \"" + repeated("ä", 100) + "\", "), "x.json"), "none");
  EXPECT_EQ(mistake_of(sweep(""), repeated("網", 100) + ".json"), "none");
}

TEST(SweepName, WhatAnOlderBuildAcceptedIsStillRead) {
  for (const std::string& name : kBad) {
    auto spec = decode_sweep(sweep(""), "x.json");
    ASSERT_TRUE(spec);
    spec->name = name;
    spec->base.variant = "v1";
    const ArchitectureTexts texts = {{"v1", R"({"format": 1, "name": "v1", "input": [3, 32, 32],
        "blocks": ["global_avg_pool", "flatten", {"linear": "classes"}]})"}};
    const auto frozen = freeze(*spec, texts);
    ASSERT_TRUE(frozen) << to_string(frozen.error());
    const auto thawed = thaw(frozen->canonical, texts);
    EXPECT_TRUE(thawed) << to_string(thawed.error());
  }
}

}  // namespace
}  // namespace firesweep
