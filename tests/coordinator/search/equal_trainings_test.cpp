// From version 7 of the rules on, values that mean the same make one point, and older sweeps keep
// theirs.
#include "coordinator/search/equal_trainings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/search/replay.h"
#include "coordinator/search/sweep_space.h"
#include "shared/codec/sweep_codec.h"
#include "tests/coordinator/search/searches.h"

namespace firesweep {
namespace {

using Numbers = std::vector<std::int64_t>;
constexpr int kApart = 6;  // the last rules by which they are points of their own

std::shared_ptr<const FrozenSweep> frozen(const std::string& members, int rules = kRulesVersion) {
  const ArchitectureTexts texts = {
      {"v3", R"({"format": 1, "input": [3, 32, 32], "params": {"width": 8},
                 "blocks": [{"conv": "$width"}, "global_avg_pool", {"linear": "classes"}]})"}};
  auto made =
      freeze_file(R"({"name": "x", "trainer": "simulated", )" + members + "}", "x.json", texts);
  if (!made) throw std::runtime_error(to_string(made.error()));
  const auto older = std::ranges::find_if(
      made->by_older_rules, [&](const auto& one) { return one->spec.rules == rules; });
  if (older != made->by_older_rules.end()) return *older;
  EXPECT_EQ(made->spec.rules, rules);
  return std::make_shared<const FrozenSweep>(std::move(*made));
}

// Of a grid on CIFAR-100.
std::string grid(const std::string& parameters, const std::string& members = "") {
  return R"("method": "grid", "dataset": "cifar100", )" + members + R"("parameters": {)" +
         parameters + "}";
}

Numbers numbers_of(const std::string& members, int rules = kRulesVersion) {
  const SweepSpace space = SweepSpace::make(frozen(members, rules)).value();
  Numbers numbers;
  for (std::int64_t number = 0; number < space.raw(); ++number) {
    if (space.has(number)) numbers.push_back(number);
  }
  EXPECT_EQ(std::ssize(numbers), space.trials());
  return numbers;
}

TEST(EqualTrainings, AreWrittenAsNumbersOfImagesAndEpochs) {
  const DatasetInfo& cifar = dataset_info(DatasetName::kCifar100);
  TrialConfig config;
  config.epochs = 3;
  config.cooldown_epochs = 7;
  config.val_size = 0.1;
  const TrialConfig trained = as_trained(config, cifar);
  EXPECT_EQ(trained.val_size, 5000);
  EXPECT_EQ(trained.train_size, 45'000);
  EXPECT_EQ(trained.test_size, 10'000);
  EXPECT_EQ(trained.schedule_epochs, 3);
  EXPECT_EQ(trained.cooldown_epochs, 3);
  EXPECT_EQ(as_trained(trained, cifar), trained);
  EXPECT_EQ(as_trained(config, dataset_info(DatasetName::kFashionMnist)).val_size, 6000);
}

TEST(EqualTrainings, OfAGridAreOnePointTheFirst) {
  const std::string sizes = R"("val_size": {"values": [5000, 0.1, 0.2]})";
  EXPECT_EQ(numbers_of(grid(sizes)), (Numbers{0, 2}));
  EXPECT_EQ(numbers_of(grid(sizes, R"("seeds": [1, 2], )")), (Numbers{0, 1, 4, 5}));
  EXPECT_EQ(numbers_of(grid(sizes, R"("seeds": [1, 2], "run_cap": 3, )")), (Numbers{0, 1, 4}));
  EXPECT_EQ(TrialSpace::make(frozen(grid(sizes, R"("seeds": [1, 2], )")))->counts().alike, 2);
  EXPECT_EQ(
      numbers_of(R"("method": "grid", "dataset": "fashion_mnist", "parameters": {)" + sizes + "}"),
      (Numbers{0, 1, 2}))
      << "a tenth of its images are 6,000";
  EXPECT_EQ(numbers_of(grid(R"("epochs": {"value": 2}, "schedule_epochs": {"values": [0, 2, 3]})")),
            (Numbers{0, 2}));
  EXPECT_EQ(
      numbers_of(grid(R"("epochs": {"values": [2, 3]}, "schedule_epochs": {"values": [0, 2]})")),
      (Numbers{0, 2, 3}));
  EXPECT_EQ(numbers_of(grid(R"("train_size": {"values": [0, 45000, 40000]})")), (Numbers{0, 2}));
  EXPECT_EQ(numbers_of(grid(R"("test_size": {"values": [10000, 0]})")), (Numbers{0}));
  EXPECT_EQ(numbers_of(grid(R"("epochs": {"value": 2}, "schedule": {"value": "constant"},
                               "cooldown_epochs": {"values": [1, 2, 3]})")),
            (Numbers{0, 1}));
}

TEST(EqualTrainings, OneThatIsLeftOutStandsForNoOther) {
  const std::string sizes = R"("val_size": {"values": [5000, 0.1]})";
  EXPECT_EQ(numbers_of(grid(sizes, R"("exclude": [{"val_size": 5000}], )")), (Numbers{1}));
  EXPECT_EQ(numbers_of(grid(sizes, R"("constraints": ["val_size < 1"], )")), (Numbers{1}));
}

TEST(EqualTrainings, AConditionMayAskForOneOfThem) {
  // Where lr does not exist it is 0.02, which comes again below.
  EXPECT_EQ(
      numbers_of(grid(R"("val_size": {"values": [5000, 0.1]}, "lr": {"values": [0.02, 0.03]})",
                      R"("conditions": {"lr": {"val_size": 0.1}}, )")),
      (Numbers{0, 2}));
}

TEST(EqualTrainings, OlderSweepsKeepTheirPointsAndNumbers) {
  EXPECT_EQ(numbers_of(grid(R"("val_size": {"values": [5000, 0.1, 0.2]})"), kApart),
            (Numbers{0, 1, 2}));
  const std::string drawn = R"("dataset": "cifar100", "run_cap": 6, "parameters": {
    "val_size": {"values": [5000, 0.1, 0.2]}, "epochs": {"values": [2, 3]}}, "method": )";
  for (const char* method : {"random", "sobol", "tpe"}) {
    EXPECT_EQ(numbers_of(drawn + '"' + method + '"', kApart).size(), 6u) << method;
    EXPECT_EQ(numbers_of(drawn + '"' + method + '"').size(), 4u) << method;
  }
}

TEST(EqualTrainings, AreDrawnOnceAndOthersInTheirPlace) {
  for (const char* method : {"random", "sobol"}) {
    const auto space =
        TrialSpace::make(frozen(R"("dataset": "cifar100", "run_cap": 3, "parameters": {
      "val_size": {"values": [5000, 0.1, 0.2, 10000, 0.3, 15000]}}, "method": ")" +
                                std::string(method) + '"'));
    ASSERT_TRUE(space);
    EXPECT_EQ(space->counts().trials, 3) << method;
    EXPECT_EQ(space->counts().possible, 0) << "how many there are is not counted";
  }
}

TEST(EqualTrainings, AreProposedOnceAndFoundAgain) {
  for (const Method method : kLearning) {
    const auto made = frozen(R"("dataset": "cifar100", "run_cap": 20, "parameters": {
      "val_size": {"values": [5000, 0.1, 0.2, 0.3]}, "epochs": {"values": [2, 3]},
      "schedule_epochs": {"values": [0, 3]}}, "method": ")" +
                             std::string(to_string(method)) + '"');
    SweepSpace space = SweepSpace::make(made).value();
    ASSERT_EQ(space.trials(), 9) << to_string(method);
    std::vector<Proposal> proposals;
    std::vector<SearchResult> results;
    std::vector<TrialConfig> trained;
    for (std::int64_t i = 0; i < space.trials(); ++i) {
      proposals.push_back(space.propose({}));
      ASSERT_TRUE(space.keep(proposals.back()));
      TrialConfig config = as_trained(*space.config(i), dataset_info(made->spec.dataset));
      EXPECT_EQ(std::ranges::find(trained, config), trained.end()) << to_string(method) << i;
      trained.push_back(std::move(config));
      results.push_back({i, 0.1 * static_cast<double>(i % 3)});
      space.learn(i, results.back().score);
    }
    const Replayed found = replay(SweepSpace::make(made).value(), proposals, results);
    EXPECT_EQ(found.differences, std::vector<std::string>{}) << to_string(method);
  }
}

// A share is rounded to images: this range holds six trainings.
TEST(EqualTrainings, OfARangeAreTheEndOfASearch) {
  for (const Method method : kLearning) {
    const auto narrow = frozen(R"("dataset": "cifar100", "run_cap": 20, "parameters": {
      "val_size": {"min": 0.1, "max": 0.1001}}, "method": ")" +
                               std::string(to_string(method)) + '"');
    SweepSpace space = SweepSpace::make(narrow).value();
    ASSERT_EQ(space.trials(), 6) << to_string(method);
    EXPECT_EQ(space.file(0).counts().possible, 6);
    std::vector<double> images;
    for (std::int64_t i = 0; i < space.trials(); ++i) {
      ASSERT_TRUE(space.keep(space.propose({})));
      images.push_back(as_trained(*space.config(i), dataset_info(narrow->spec.dataset)).val_size);
      space.learn(i, 0.1);
    }
    std::ranges::sort(images);
    EXPECT_EQ(images, (std::vector<double>{5000, 5001, 5002, 5003, 5004, 5005}));
  }
  const auto wide = frozen(R"("dataset": "cifar100", "run_cap": 500, "method": "tpe",
    "parameters": {"val_size": {"min": 0.1, "max": 0.5}})");
  EXPECT_EQ(SweepSpace::make(wide).value().trials(), 500);
}

TEST(EqualTrainings, AreNotAddedByAnExtension) {
  const auto added = [](const std::string& by, int rules) {
    SweepSpace space =
        SweepSpace::make(
            frozen(grid(R"("val_size": {"value": 5000}, "lr": {"values": [0.1, 0.2]})"), rules))
            .value();
    return space.append(frozen(grid(by), rules)).value();
  };
  EXPECT_EQ(added(R"("val_size": {"value": 0.1}, "lr": {"values": [0.1, 0.2]})", kRulesVersion), 0);
  EXPECT_EQ(added(R"("val_size": {"value": 0.1}, "lr": {"values": [0.2, 0.3]})", kRulesVersion), 1);
  EXPECT_EQ(added(R"("val_size": {"values": [0.1, 0.2]}, "lr": {"value": 0.1})", kRulesVersion), 1);
  EXPECT_EQ(added(R"("val_size": {"value": 0.1}, "lr": {"values": [0.1, 0.2]})", kApart), 2)
      << "a sweep grows by its own rules";
}

}  // namespace
}  // namespace firesweep
