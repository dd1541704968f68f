#include "shared/codec/sweep_text.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "shared/codec/json.h"
#include "shared/codec/sweep_codec.h"

namespace firesweep {
namespace {

using Files = std::map<std::string, std::string>;

Result<MergedSweep> merged(const std::string& text, const Files& files,
                           const std::vector<std::string>& settings = {}) {
  const ReadBeside read = [&](const std::string& path) -> Result<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return fail(ErrorCode::kBadInput, path, "no such file");
    return found->second;
  };
  return merged_sweep(text, "sweeps/x.json", read, settings);
}
Json tree(const Result<MergedSweep>& sweep) {
  EXPECT_TRUE(sweep) << to_string(sweep.error());
  return sweep ? Json::parse(sweep->text) : Json();
}
std::string mistake(const Result<MergedSweep>& sweep) {
  EXPECT_FALSE(sweep);
  return sweep ? "" : to_string(sweep.error());
}
// What is said of a merged sweep that decodes to nothing.
std::string mistake_in(const Result<MergedSweep>& sweep) {
  EXPECT_TRUE(sweep) << to_string(sweep.error());
  if (!sweep) return {};
  const auto spec = decode_sweep(sweep->text, "sweeps/x.json", kRulesVersion, sweep->origins);
  return spec ? "none" : to_string(spec.error());
}

const std::string kBase = R"({"method": "grid", "seeds": [1, 2], "dataset": "cifar100",
  "parameters": {"lr": {"values": [0.1, 0.2]}, "epochs": {"value": 3}}})";

TEST(SweepText, StaysAsItIsWhereNothingIsToBeDone) {
  const std::string text = "// a comment\n" + kBase;
  const auto sweep = merged(text, {});
  ASSERT_TRUE(sweep) << to_string(sweep.error());
  EXPECT_EQ(sweep->text, text);
  EXPECT_TRUE(sweep->origins.empty());
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
  EXPECT_EQ(
      mistake(merged(R"({"include": "a.json"})", {{"a.json", R"({"include": "x.json"})"}})),
      "sweeps/a.json: /include: found \"x.json\", which includes this file, expected no circle");
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
            "sweeps/6.json: /include: found a ninth file, expected at most eight that include each "
            "other");
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

TEST(SweepText, AMistakeInAnIncludedFileIsToldInThatFile) {
  const std::string base = R"({"method": "grid", "dataset": "cifar100",
    "parameters": {"lr": {"values": ["fast"]}}})";
  EXPECT_EQ(
      mistake_in(merged(R"({"include": "bases/b.json", "name": "c"})", {{"bases/b.json", base}})),
      "sweeps/bases/b.json: /parameters/lr/values/0: found \"fast\", expected a number in "
      "(0, 10]");
  EXPECT_EQ(mistake_in(merged(R"({"include": "b.json", "parameters": {"epochs": {"value": 3}}})",
                              {{"b.json", base}})),
            "sweeps/b.json: /parameters/lr/values/0: found \"fast\", expected a number in (0, 10]");
  EXPECT_EQ(mistake(merged(R"({"include": "b.json"})", {{"b.json", "{"}})).substr(0, 18),
            "sweeps/b.json:1:2:");
}

TEST(SweepText, AMistakeInTheIncludingFileIsToldThere) {
  EXPECT_EQ(mistake_in(merged(R"({"include": "b.json", "parameters": {"lr": {"value": "fast"}}})",
                              {{"b.json", kBase}})),
            "sweeps/x.json: /parameters/lr/value: found \"fast\", expected a number in (0, 10]");
  EXPECT_EQ(mistake_in(merged(R"({"include": "b.json"})",
                              {{"b.json", R"({"dataset": "cifar100", "parameters": {}})"}}))
                .substr(0, 30),
            "sweeps/x.json: /method: missin")
      << "what nobody wrote is missing in the file that is handed in";
}

TEST(SweepText, OfSeveralMistakesEachIsToldWhereItWasWritten) {
  const Files files = {
      {"a.json", R"({"include": "b.json", "seeds": [-1], "parameters": {"epochs": {"value": 0}}})"},
      {"b.json", R"({"method": "grid", "dataset": "cifar100", "seeds": [-2],
                     "parameters": {"lr": {"value": -1}, "momentum": {"value": 9}}})"}};
  EXPECT_EQ(
      mistake_in(merged(R"({"include": "a.json", "run_cap": 0})", files,
                        {"momentum.value=8", "priority=x"})),
      "sweeps/x.json: 6 mistakes\n"
      "  sweeps/a.json: /seeds/0: found -1, expected a whole number in [0, 9007199254740991]\n"
      "  sweeps/b.json: /parameters/lr/value: found -1, expected a number in (0, 10]\n"
      "  --set momentum.value=8: found 8, expected a number in [0, 1)\n"
      "  sweeps/a.json: /parameters/epochs/value: found 0, expected a whole number in [1, "
      "10000]\n"
      "  /run_cap: found 0, expected a whole number in [1, 1099511627776]\n"
      "  --set priority=x: found \"x\", expected a whole number in [-100, 100]");
}

TEST(SweepText, AMistakeOfASettingIsToldByItsWords) {
  EXPECT_EQ(mistake_in(merged(kBase, {}, {"x=1"})).substr(0, 24), "--set x=1: unknown key, ");
  EXPECT_EQ(
      mistake_in(merged(R"({"include": "b.json"})", {{"b.json", kBase}}, {"x=1"})).substr(0, 24),
      "--set x=1: unknown key, ");
  EXPECT_EQ(mistake_in(merged(kBase, {}, {"lr.values=[0.1,\"fast\"]"})),
            "--set lr.values=[0.1,\"fast\"]: found \"fast\", expected a number in (0, 10]");
  const std::string drawn = R"({"method": "random", "run_cap": 3, "dataset": "cifar100",
    "parameters": {"lr": {"min": -1, "max": 0.2}}})";
  EXPECT_EQ(mistake_in(merged(drawn, {}, {"lr.max=0.3"})),
            "sweeps/x.json: /parameters/lr/min: found -1, expected a number in (0, 10]")
      << "only a part of the parameter was set";
  EXPECT_EQ(mistake_in(merged(drawn, {}, {"lr.min=0.1", "lr.max=11"})),
            "--set lr.max=11: found 11, expected a number in (0, 10]");
}

TEST(SweepText, VariablesAreRefusedWithWhatToWriteInstead) {
  EXPECT_EQ(mistake(merged(R"({"include": "${HOME}/x.json"})", {})),
            "sweeps/x.json: /include: found \"${HOME}/x.json\", expected a path without variables "
            "(a sweep file means the same everywhere: write the path, relative to this file)");
  EXPECT_EQ(mistake(merged(kBase, {}, {"name=run of ${USER}"})),
            "--set name=run of ${USER}: found the variable ${USER}, expected its value (the shell "
            "replaces a variable in double quotes, not in single ones: --set \"name=run of "
            "${USER}\")");
  EXPECT_EQ(mistake(merged(kBase, {}, {"lr.values=[\"$LR\"]"})),
            "--set lr.values=[\"$LR\"]: found the variable $LR, expected its value (the shell "
            "replaces a variable in double quotes, not in single ones)");
  EXPECT_EQ(tree(merged(kBase, {}, {"name=5$"})).at("name"), "5$");
}

TEST(SweepText, ASettingIsReadAsStrictlyAsAFile) {
  EXPECT_EQ(mistake(merged(kBase, {}, {R"(checkpoint={"keep": "all", "keep": "best"})"})),
            "--set checkpoint={\"keep\": \"all\", \"keep\": \"best\"}: the key \"keep\" occurs "
            "twice (write --set lr.values=[0.1] or --set run_cap=10)");
}

TEST(SweepText, ASettingWithoutAPlaceIsRefused) {
  for (const std::string setting : {"lr", "=5", ".values=1", "lr.=1"}) {
    EXPECT_TRUE(mistake(merged(kBase, {}, {setting})).starts_with("--set " + setting + ": "));
  }
}

}  // namespace
}  // namespace firesweep
