// What a sweep varies without effect is remedied by the lines that are proposed: they are pasted.
#include "coordinator/search/idle_fields.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "coordinator/search/repeats.h"
#include "shared/codec/json.h"
#include "shared/codec/sweep_codec.h"

namespace firesweep {
namespace {

constexpr const char* kNetwork = R"({"format": 1, "name": "v3", "input": [3, 32, 32],
  "blocks": [{"conv": 4}, "global_avg_pool", {"linear": "classes"}]})";

using Members = std::map<std::string, std::string>;

// A file with these members and, in "parameters", those.
struct File {
  Members members;
  Members parameters;

  std::string text() const {
    std::string all = R"({"name": "x", "dataset": "cifar100", "preset": "adamw")";
    for (const auto& [name, value] : members) all += ", \"" + name + "\": " + value;
    all += ", \"parameters\": {\"lr\": {\"value\": 0.01}";
    for (const auto& [name, value] : parameters) all += ", \"" + name + "\": " + value;
    return all + "}}";
  }
};

TrialSpace space_of(const File& file) {
  auto frozen = freeze_file(file.text(), "x.json", ArchitectureTexts{{"v3", kNetwork}});
  if (!frozen) throw std::runtime_error(to_string(frozen.error()) + "\n" + file.text());
  auto space = TrialSpace::make(std::make_shared<const FrozenSweep>(std::move(*frozen)));
  if (!space) throw std::runtime_error(to_string(space.error()) + "\n" + file.text());
  return std::move(*space);
}

void paste(const std::string& line, Members& into) {
  const Json parsed = Json::parse("{" + line + "}");
  for (const auto& [name, value] : parsed.items()) into[name] = value.dump();
}
File pasted(const File& file, const Remedy& remedy) {
  File made = file;
  for (const std::string& line : remedy.members) paste(line, made.members);
  for (const std::string& line : remedy.parameters) paste(line, made.parameters);
  return made;
}

// The lines that are proposed; fails unless they take every repetition away and nothing else.
std::vector<std::string> lines_for(const File& file) {
  const TrialSpace space = space_of(file);
  const Repeats repeats = find_repeats(space);
  EXPECT_FALSE(repeats.notes.empty()) << file.text();
  const TrialSpace after = space_of(pasted(file, repeats.remedy));
  EXPECT_TRUE(find_repeats(after).notes.empty()) << pasted(file, repeats.remedy).text();
  EXPECT_EQ(after.counts().trials, repeats.different) << pasted(file, repeats.remedy).text();
  std::vector<std::string> lines = repeats.remedy.members;
  lines.insert(lines.end(), repeats.remedy.parameters.begin(), repeats.remedy.parameters.end());
  return lines;
}

using Lines = std::vector<std::string>;
const std::string kMomenta = R"({"values": [0.8, 0.9, 0.95]})";

TEST(IdleFields, ConditionsAreTheRemedy) {
  EXPECT_EQ(lines_for({{{"method", R"("grid")"}},
                       {{"optimizer", R"({"values": ["sgd", "adamw"]})"},
                        {"momentum", kMomenta},
                        {"schedule", R"({"value": "constant"})"}}}),
            Lines{R"("conditions": {"momentum": {"optimizer": "sgd"}})"});
}

TEST(IdleFields, TheFilesOwnConditionsStay) {
  EXPECT_EQ(lines_for({{{"method", R"("grid")"}, {"conditions", R"({"beta2": {"optimizer": "adamw"},
                                     "momentum": {"batch_size": 64}})"}},
                       {{"optimizer", R"({"values": ["sgd", "adamw"]})"},
                        {"momentum", kMomenta},
                        {"beta2", R"({"values": [0.9, 0.99]})"},
                        {"batch_size", R"({"values": [64, 128]})"},
                        {"schedule", R"({"value": "constant"})"}}}),
            Lines{R"("conditions": {"beta2": {"optimizer": "adamw"}, )"
                  R"("momentum": {"batch_size": 64, "optimizer": "sgd"}})"});
}

TEST(IdleFields, WhatConditionsCannotSayIsExcluded) {
  EXPECT_EQ(lines_for({{{"method", R"("grid")"}, {"exclude", R"([{"momentum": 0.95}])"}},
                       {{"optimizer", R"({"values": ["sgd", "adamw", "muon"]})"},
                        {"momentum", kMomenta},
                        {"schedule", R"({"values": ["one_cycle", "cosine"]})"}}}),
            (Lines{R"("conditions": {"momentum": {"optimizer": ["sgd", "muon"]}})",
                   R"("exclude": [{"momentum": 0.95}, {"momentum": 0.9, "optimizer": "sgd", )"
                   R"("schedule": "one_cycle"}])"}));
}

TEST(IdleFields, WhatHasAnEffectNowhereGetsOneValue) {
  EXPECT_EQ(lines_for({{{"method", R"("grid")"}},
                       {{"optimizer", R"({"value": "adamw"})"}, {"momentum", kMomenta}}}),
            Lines{R"("momentum": {"value": 0.9})"});
}

TEST(IdleFields, RandomPointsToo) {
  EXPECT_EQ(lines_for({{{"method", R"("random")"}, {"run_cap", "6"}},
                       {{"optimizer", R"({"values": ["sgd", "adamw"]})"},
                        {"momentum", kMomenta},
                        {"schedule", R"({"value": "constant"})"}}}),
            Lines{R"("conditions": {"momentum": {"optimizer": "sgd"}})"});
}

TEST(IdleFields, UnderAMethodThatLearnsTheLinesAreTheSame) {
  File file{{{"method", R"("tpe")"}, {"run_cap", "6"}},
            {{"optimizer", R"({"values": ["sgd", "adamw", "muon"]})"},
             {"momentum", kMomenta},
             {"schedule", R"({"values": ["one_cycle", "cosine"]})"}}};
  const Repeats repeats = find_repeats(space_of(file));
  EXPECT_FALSE(repeats.notes.empty());
  ASSERT_EQ(repeats.remedy.members.size(), 2u);
  EXPECT_EQ(repeats.remedy.members[0],
            R"("conditions": {"momentum": {"optimizer": ["sgd", "muon"]}})");
  EXPECT_TRUE(find_repeats(space_of(pasted(file, repeats.remedy))).notes.empty());
}

TEST(IdleFields, ParametersThatAreZippedAreLeftAsTheyAre) {
  const TrialSpace space =
      space_of({{{"method", R"("grid")"}, {"zip", R"([["momentum", "batch_size"]])"}},
                {{"optimizer", R"({"values": ["sgd", "adamw"]})"},
                 {"momentum", R"({"values": [0.8, 0.9]})"},
                 {"batch_size", R"({"values": [64, 128]})"}}});
  EXPECT_TRUE(find_repeats(space).notes.empty()) << "the batch size has an effect";
  EXPECT_TRUE(idle_remedy(space.frozen().spec).members.empty());
}

// Some words of a choice, at least one, each once.
std::string some_of(const std::vector<std::string>& words) {
  Json list = Json::array();
  for (const std::string& word : words) {
    if (*rc::gen::arbitrary<bool>()) list.push_back(word);
  }
  if (list.empty()) list.push_back(words[*rc::gen::inRange<std::size_t>(0, words.size())]);
  return Json{{"values", list}}.dump();
}

RC_GTEST_PROP(IdleFields, EveryNetworkIsTrainedOnceAfterPasting, ()) {
  File file{{{"method", R"("grid")"}},
            {{"optimizer", some_of({"sgd", "adamw", "muon"})},
             {"schedule", some_of({"constant", "cosine", "one_cycle", "one_cycle_per_epoch"})}}};
  const Members idle = {{"momentum", R"({"values": [0.8, 0.9]})"},
                        {"beta1", R"({"values": [0.85, 0.9]})"},
                        {"beta2", R"({"values": [0.99, 0.999, 0.9]})"},
                        {"sgd_lr", R"({"values": [0.1, 0.2]})"},
                        {"schedule_epochs", R"({"values": [0, 30]})"},
                        {"warmup_fraction", R"({"values": [0.1, 0.25]})"},
                        {"cooldown_epochs", R"({"values": [0, 5]})"}};
  for (const auto& one : idle) {
    if (*rc::gen::inRange(0, 3) == 0) file.parameters.insert(one);
  }
  if (*rc::gen::inRange(0, 4) == 0) {
    file.parameters.insert_or_assign("batch_size", R"({"values": [64, 128]})");
    if (file.parameters.contains("beta2"))
      file.members["conditions"] = R"({"beta2": {"batch_size": 64}})";
  }
  const TrialSpace space = space_of(file);
  const Repeats repeats = find_repeats(space);
  RC_CLASSIFY(!repeats.notes.empty(), "with repetitions");
  if (repeats.notes.empty()) return;
  const TrialSpace after = space_of(pasted(file, repeats.remedy));
  if (!find_repeats(after).notes.empty() || after.counts().trials != repeats.different) {
    RC_FAIL(file.text() + "\n" + pasted(file, repeats.remedy).text() + "\n" +
            std::to_string(repeats.different) + " became " + std::to_string(after.counts().trials));
  }
}

}  // namespace
}  // namespace firesweep
