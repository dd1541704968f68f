#include "shared/codec/sweep_text.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "shared/codec/json.h"
#include "shared/codec/sweep_codec.h"

namespace firesweep {
namespace {

using Files = std::map<std::string, std::string>;

Result<std::string> merged(const std::string& text, const Files& files,
                           const std::vector<std::string>& settings = {}) {
  const ReadBeside read = [&](const std::string& path) -> Result<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return fail(ErrorCode::kBadInput, path, "no such file");
    return found->second;
  };
  return merged_sweep(text, "sweeps/x.json", read, settings);
}
Json tree(const Result<std::string>& text) {
  EXPECT_TRUE(text) << to_string(text.error());
  return text ? Json::parse(*text) : Json();
}
std::string mistake(const Result<std::string>& text) {
  EXPECT_FALSE(text);
  return text ? "" : to_string(text.error());
}

const std::string kBase = R"({"method": "grid", "seeds": [1, 2], "dataset": "cifar100",
  "parameters": {"lr": {"values": [0.1, 0.2]}, "epochs": {"value": 3}}})";

TEST(SweepText, StaysAsItIsWhereNothingIsToBeDone) {
  const std::string text = "// a comment\n" + kBase;
  EXPECT_EQ(merged(text, {}), text);
}

TEST(SweepText, AnIncludedFileIsABaseWhoseParametersAreReplacedOneByOne) {
  const Json made =
      tree(merged(R"({"include": "base.json", "seeds": [3], "parameters": {"lr": {"value": 0.5}}})",
                  {{"base.json", kBase}}));
  EXPECT_EQ(made, Json::parse(R"({"method": "grid", "seeds": [3], "dataset": "cifar100",
    "parameters": {"lr": {"value": 0.5}, "epochs": {"value": 3}}})"));
}

TEST(SweepText, IncludesAreRelativeToTheFileThatHasThemAndMayBeYaml) {
  const Json made =
      tree(merged(R"({"include": "bases/one.yaml", "name": "mine"})",
                  {{"bases/one.yaml", "include: ../two.json\nseeds: [7]\n"}, {"two.json", kBase}}));
  EXPECT_EQ(made.at("name"), "mine");
  EXPECT_EQ(made.at("seeds"), Json({7}));
  EXPECT_EQ(made.at("method"), "grid");
  EXPECT_FALSE(made.contains("include"));
  EXPECT_TRUE(decode_sweep(made.dump(), "x.json"));
}

TEST(SweepText, CirclesEscapesAndDepthAreRefused) {
  EXPECT_EQ(mistake(merged(R"({"include": "x.json"})", {{"x.json", "{}"}})),
            "sweeps/x.json: /include: found \"x.json\", which includes this file, expected no "
            "circle");
  EXPECT_EQ(mistake(merged(R"({"include": "a.json"})", {{"a.json", R"({"include": "x.json"})"}})),
            "a.json: /include: found \"x.json\", which includes this file, expected no circle");
  for (const std::string path : {"/etc/passwd", "../other.json", "a/../../b.json"}) {
    EXPECT_EQ(mistake(merged(R"({"include": ")" + path + R"("})", {})),
              "sweeps/x.json: /include: found \"" + path +
                  "\", expected a path within the sweep file's folder (copy the file beside this "
                  "one)");
  }
  Files chain;
  for (int i = 0; i < 9; ++i) {
    chain[std::to_string(i) + ".json"] = R"({"include": ")" + std::to_string(i + 1) + R"(.json"})";
  }
  EXPECT_EQ(mistake(merged(R"({"include": "0.json"})", chain)),
            "6.json: /include: found a ninth file, expected at most eight that include each other");
  EXPECT_EQ(mistake(merged(R"({"include": "none.json"})", {})),
            "sweeps/x.json: /include: none.json: no such file");
  EXPECT_EQ(mistake(merged(R"({"include": 5})", {})),
            "sweeps/x.json: /include: found 5, expected the path of a sweep file");
}

TEST(SweepText, SettingsReplaceParametersAndMembers) {
  const Json made = tree(merged(kBase, {},
                                {"lr.values=[0.3]", "run_cap=5", "optimizer.value=sgd",
                                 "arch.width.values=[1,2]", "epochs.value=9", "name=\"n\""}));
  EXPECT_EQ(made.at("parameters"), Json::parse(R"({"lr": {"values": [0.3]},
    "epochs": {"value": 9}, "optimizer": {"value": "sgd"}, "arch.width": {"values": [1, 2]}})"));
  EXPECT_EQ(made.at("run_cap"), 5);
  EXPECT_EQ(made.at("name"), "n");
}

TEST(SweepText, PartsOfADistributionAreSetOneByOne) {
  const Json made =
      tree(merged(R"({"parameters": {"lr": {"min": 0.1, "max": 0.2}}})", {}, {"lr.max=0.3"}));
  EXPECT_EQ(made.at("parameters").at("lr"), Json::parse(R"({"min": 0.1, "max": 0.3})"));
}

TEST(SweepText, ASettingWithoutAPlaceIsRefused) {
  for (const std::string setting : {"lr", "=5", ".values=1", "lr.=1"}) {
    EXPECT_TRUE(mistake(merged(kBase, {}, {setting})).starts_with("--set " + setting + ": "));
  }
}

}  // namespace
}  // namespace firesweep
