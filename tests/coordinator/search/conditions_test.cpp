// Zipped lists and conditions, by grid and by the random method.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "coordinator/search/repeats.h"
#include "coordinator/search/sweep_space.h"
#include "coordinator/search/trial_space.h"
#include "shared/codec/sweep_codec.h"

namespace firesweep {
namespace {

constexpr const char* kNetwork =
    R"({"format": 1, "name": "v3", "input": [3, 32, 32], "params": {"width": 4},
  "blocks": [{"conv": "$width"}, "global_avg_pool", {"linear": "classes"}]})";

std::shared_ptr<const FrozenSweep> frozen(const std::string& members) {
  auto made =
      freeze_file(R"({"name": "x", "dataset": "cifar100", "preset": "adamw", )" + members + "}",
                  "x.json", ArchitectureTexts{{"v3", kNetwork}});
  if (!made) throw std::runtime_error(to_string(made.error()));
  return std::make_shared<const FrozenSweep>(std::move(*made));
}
TrialSpace space_of(const std::string& members) {
  auto space = TrialSpace::make(frozen(members));
  if (!space) throw std::runtime_error(to_string(space.error()));
  return std::move(*space);
}
std::vector<TrialConfig> trials_of(const TrialSpace& space) {
  std::vector<TrialConfig> trials;
  for (std::int64_t number = 0; number < space.counts().raw; ++number) {
    if (auto config = space.config(number)) trials.push_back(std::move(*config));
  }
  return trials;
}

TEST(Zip, ListsAreWalkedTogether) {
  const auto trials = trials_of(space_of(R"("method": "grid", "zip": [["lr", "batch_size"]],
    "parameters": {"lr": {"values": [0.001, 0.002, 0.002]},
                   "epochs": {"values": [5, 10]},
                   "batch_size": {"values": [64, 64, 128]}})"));
  std::vector<std::tuple<double, std::int64_t, std::int64_t>> rows;
  for (const TrialConfig& trial : trials) {
    rows.emplace_back(trial.lr, trial.batch_size, trial.epochs);
  }
  EXPECT_EQ(rows, (std::vector<std::tuple<double, std::int64_t, std::int64_t>>{{0.001, 64, 5},
                                                                               {0.001, 64, 10},
                                                                               {0.002, 64, 5},
                                                                               {0.002, 64, 10},
                                                                               {0.002, 128, 5},
                                                                               {0.002, 128, 10}}));
}

TEST(Zip, RandomPointsDrawOneRowOfIt) {
  for (const char* other : {R"({"values": [5, 10, 15]})", R"({"min": 0.1, "max": 0.9})"}) {
    const bool whole = std::string(other).find("values") != std::string::npos;
    const auto trials =
        trials_of(space_of(R"("method": "random", "run_cap": 6, "zip": [["lr", "batch_size"]],
      "parameters": {"lr": {"values": [0.001, 0.002]}, "batch_size": {"values": [64, 128]}, ")" +
                           std::string(whole ? "epochs" : "beta1") + "\": " + other + "}"));
    std::set<std::pair<double, std::int64_t>> rows;
    for (const TrialConfig& trial : trials) rows.emplace(trial.lr, trial.batch_size);
    EXPECT_EQ(rows, (std::set<std::pair<double, std::int64_t>>{{0.001, 64}, {0.002, 128}}));
    EXPECT_EQ(trials.size(), 6u);
  }
}

constexpr const char* kMomentum = R"("conditions": {"momentum": {"optimizer": "sgd"}},
    "parameters": {"optimizer": {"values": ["adamw", "sgd"]},
                   "momentum": {"values": [0.5, 0.8, 0.9]}, "lr": {"value": 0.01},
                   "schedule": {"value": "constant"}})";

TEST(Conditions, AParameterIsVariedOnlyWhereAnotherHasAValue) {
  const TrialSpace space = space_of(std::string(R"("method": "grid", )") + kMomentum);
  const auto trials = trials_of(space);
  ASSERT_EQ(trials.size(), 4u);
  EXPECT_EQ(trials[0].optimizer, "adamw");
  EXPECT_EQ(trials[0].momentum, TrialConfig{}.momentum) << "its default";
  EXPECT_EQ(trials[1].momentum, 0.5);
  EXPECT_EQ(trials[3].optimizer, "sgd");
  EXPECT_EQ(space.counts().unconditional, 6);
  for (std::int64_t number = 0; number < 4; ++number) {
    EXPECT_EQ(space.find(*space.config(number), 0), number);
  }
  EXPECT_TRUE(find_repeats(space).notes.empty());
}

TEST(Conditions, RandomPointsDrawTheBranchFirst) {
  const TrialSpace space =
      space_of(std::string(R"("method": "random", "run_cap": 4, )") + kMomentum);
  EXPECT_EQ(space.counts().possible, 4);
  EXPECT_EQ(trials_of(space).size(), 4u) << "each of the four once";
  const auto drawn = trials_of(space_of(R"("method": "random", "run_cap": 40,
    "conditions": {"momentum": {"optimizer": "sgd"}},
    "parameters": {"optimizer": {"values": ["adamw", "sgd"]}, "lr": {"value": 0.01},
                   "momentum": {"min": 0.5, "max": 0.9}})"));
  EXPECT_EQ(drawn.size(), 40u);
  EXPECT_EQ(std::ranges::count(drawn, "adamw", &TrialConfig::optimizer), 1)
      << "without momentum there is one point";
}

TEST(Conditions, ALearningRateThatDoesNotExistIsTheOptimizersOwn) {
  const auto trials = trials_of(space_of(R"("method": "grid",
    "conditions": {"lr": {"optimizer": "adamw"}},
    "parameters": {"optimizer": {"values": ["adamw", "sgd"]}, "lr": {"values": [0.001, 0.002]},
                   "schedule": {"value": "constant"}})"));
  ASSERT_EQ(trials.size(), 3u);
  EXPECT_EQ(trials[2].optimizer, "sgd");
  EXPECT_EQ(trials[2].lr, 0.1);
}

TEST(Conditions, ASingleValueMayHaveOne) {
  const auto trials = trials_of(space_of(R"("method": "grid",
    "conditions": {"momentum": {"optimizer": "sgd"}},
    "parameters": {"optimizer": {"values": ["adamw", "sgd"]}, "lr": {"value": 0.01},
                   "momentum": {"value": 0.5}})"));
  ASSERT_EQ(trials.size(), 2u);
  EXPECT_EQ(trials[0].momentum, 0.9);
  EXPECT_EQ(trials[1].momentum, 0.5);
}

TEST(Conditions, ParametersOfArchitectureFilesAreLeftToThem) {
  const auto trials = trials_of(space_of(R"("method": "grid",
    "conditions": {"arch.width": {"epochs": [5, 10]}},
    "parameters": {"epochs": {"values": [5, 10, 15]}, "arch.width": {"values": [8, 16]}})"));
  ASSERT_EQ(trials.size(), 5u);
  EXPECT_TRUE(trials[4].arch_params.empty());
  EXPECT_EQ(trials[0].arch_params.at("width"), Value(std::int64_t{8}));
}

// What a parameter has that does not exist is no value to exclude; a constraint sees its default.
TEST(Conditions, ExclusionsDoNotSeeWhatDoesNotExistAndConstraintsSeeItsDefault) {
  EXPECT_EQ(
      trials_of(space_of(std::string(R"("method": "grid", "exclude": [{"momentum": 0.9}], )") +
                         kMomentum))
          .size(),
      3u);
  EXPECT_EQ(
      trials_of(space_of(std::string(R"("method": "grid", "constraints": ["momentum < 0.85"], )") +
                         kMomentum))
          .size(),
      2u);
}

TEST(Conditions, AnExtensionAddsWhatIsNotThereYet) {
  const std::string begin = R"("method": "grid", "conditions": {"momentum": {"optimizer": "sgd"}},
    "parameters": {"optimizer": {"values": ["adamw", "sgd"]}, "lr": {"value": 0.01},
                   "momentum": {"values": [0.5, )";
  auto sweep = SweepSpace::make(frozen(begin + "0.8]}}"));
  ASSERT_TRUE(sweep);
  EXPECT_EQ(sweep->trials(), 3);
  EXPECT_EQ(sweep->append(frozen(begin + "0.8, 0.9]}}")), 1);
  EXPECT_EQ(sweep->append(frozen(begin + "0.9]}}")), 0);
}

// The first sentence of each: what a file of older rules draws is not compared.
TEST(Rules, PointsThatAreDrawnAgainAreMergedFromTheFourthVersionOn) {
  const std::string members = R"("method": "random", "run_cap": 20,
    "parameters": {"momentum": {"distribution": "normal", "mu": 0.5, "sigma": 1e9}})";
  auto now = frozen(members);
  EXPECT_EQ(now->spec.rules, kRulesVersion);
  const auto space = TrialSpace::make(now);
  ASSERT_TRUE(space);
  EXPECT_LT(space->counts().trials, 20) << "most draws miss the limits and give the mean";
  EXPECT_GT(space->counts().repeated, 0);
  std::set<double> seen;
  for (const TrialConfig& trial : trials_of(*space)) {
    EXPECT_TRUE(seen.insert(trial.momentum).second);
  }
  const auto third = std::ranges::find_if(now->by_older_rules,
                                          [](const auto& older) { return older->spec.rules == 3; });
  ASSERT_NE(third, now->by_older_rules.end());
  EXPECT_EQ(TrialSpace::make(*third)->counts().trials, 20) << "as it was";
}

}  // namespace
}  // namespace firesweep
