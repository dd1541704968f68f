#include "coordinator/search/trial_point.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "shared/codec/sweep_codec.h"
#include "shared/domain/parameter_value.h"
#include "shared/domain/trial_work.h"

namespace firesweep {
namespace {

constexpr const char* kNetwork =
    R"({"format": 1, "name": "v3", "input": [3, 32, 32], "params": {"width": 4},
  "blocks": [{"conv": "$width"}, "global_avg_pool", {"linear": "classes"}]})";

TrialSpace space_of(const std::string& members) {
  const auto frozen = freeze_file(R"({"name": "x", "dataset": "cifar100", )" + members + "}",
                                  "x.json", ArchitectureTexts{{"v3", kNetwork}});
  if (!frozen) throw std::runtime_error(to_string(frozen.error()));
  auto space = TrialSpace::make(std::make_shared<const FrozenSweep>(*frozen));
  if (!space) throw std::runtime_error(to_string(space.error()));
  return std::move(*space);
}

// With conditions, defaults that follow the optimizer, zipped lists and arch parameters.
std::string members_of(const std::string& method) {
  const bool grid = method == "grid";
  return R"("preset": "adamw", "method": ")" + method + R"(", )" +
         (grid ? "" : R"("run_cap": 300, )") + R"("parameters": {
    "optimizer": {"values": ["adamw", "sgd", "muon"]},
    "momentum": {"values": [0.8, 0.9]},
    "lr": )" +
         (grid ? R"({"values": [0.01, 0.02]})" : R"({"min": 0.01, "max": 0.02})") + R"(,
    "epochs": {"values": [3, 5]}, "batch_size": {"values": [64, 128]},
    "arch.width": {"values": [4, 8]}},
    "conditions": {"momentum": {"optimizer": ["sgd", "muon"]}, "lr": {"optimizer": "muon"},
                   "arch.width": {"optimizer": ["adamw", "sgd"]}},
    "zip": [["epochs", "batch_size"]],
    "constraints": ["lr * 10 > weight_decay", "params < 1000 or momentum > 0.85"])";
}

TEST(PartialConfig, HasWhatIsWantedOfEveryTrial) {
  const std::vector<std::vector<std::string>> choices = {
      {"lr"},         {"weight_decay"},
      {"momentum"},   {"optimizer", "epochs"},
      {"arch.width"}, {"lr", "momentum", "arch.width", "batch_size"}};
  for (const char* method : {"grid", "random", "sobol"}) {
    const TrialSpace space = space_of(members_of(method));
    for (const auto& names : choices) {
      TrialSpace::Point point(space);
      TrialSpace::PartialConfig partial(point, [&](std::string_view parameter) {
        return std::ranges::find(names, parameter) != names.end();
      });
      int seen = 0;
      for (std::int64_t number = 0; number < space.counts().raw; ++number) {
        const auto whole = space.config(number);
        if (!whole) continue;
        point.move_to(number);
        const TrialConfig& read = partial.read();
        for (const std::string& name : names) {
          ASSERT_EQ(value_of(read, name), value_of(*whole, name)) << method << name << number;
        }
        ++seen;
      }
      EXPECT_GT(seen, 10);
    }
  }
}

TEST(PartialConfig, CostsWhatTheTrialCosts) {
  for (const char* method : {"grid", "random", "sobol"}) {
    const TrialSpace space = space_of(members_of(method));
    TrialSpace::Point point(space);
    TrialSpace::PartialConfig partial(point, is_of_cost);
    std::set<std::int64_t> params;
    for (std::int64_t number = 0; number < space.counts().raw; ++number) {
      const auto whole = space.config(number);
      if (!whole) continue;
      point.move_to(number);
      const TrialConfig& read = partial.read();
      ASSERT_EQ(trial_images(read, 50'000), trial_images(*whole, 50'000));
      ASSERT_EQ(read.epochs, whole->epochs);
      ASSERT_EQ(partial.cost().params, space.cost(*whole).params);
      params.insert(partial.cost().params);
    }
    EXPECT_EQ(params.size(), 2u);
  }
}

// Constraints are checked on parts of configs: what is left satisfies them whole.
TEST(Constraints, HoldForWholeConfigs) {
  for (const char* method : {"grid", "random", "sobol"}) {
    const TrialSpace space = space_of(members_of(method));
    EXPECT_GT(space.counts().constrained, 0);
    for (std::int64_t number = 0; number < space.counts().raw; ++number) {
      const auto config = space.config(number);
      if (!config) continue;
      for (const Constraint& constraint : space.frozen().spec.constraints) {
        ASSERT_TRUE(satisfies(constraint, *config, space.cost(*config))) << constraint.text;
      }
    }
  }
}

// The values of the one continuous parameter meet again: by its own shape, or at a field's limit.
TEST(DrawnPoints, AreMergedWhereContinuousValuesRepeat) {
  for (const char* members : {R"("method": "random", "parameters": {"epochs": {"values": [1, 2, 3]},
           "label_smoothing": {"distribution": "beta", "a": 0.001, "b": 1}})",
                              R"("method": "sobol", "parameters": {"epochs": {"values": [1, 2, 3]},
           "momentum": {"distribution": "normal", "mu": 0.5, "sigma": 1}})"}) {
    const TrialSpace space = space_of(std::string(members) + R"(, "run_cap": 200)");
    std::set<std::tuple<std::int64_t, double, double>> points;
    for (std::int64_t number = 0; number < space.counts().raw; ++number) {
      if (const auto config = space.config(number)) {
        points.emplace(config->epochs, config->label_smoothing, config->momentum);
      }
    }
    EXPECT_EQ(points.size(), 200u) << members;
    EXPECT_GT(space.counts().repeated, 0) << members;
    EXPECT_EQ(space.counts().repeated, space.counts().raw - 200) << members;
  }
}

}  // namespace
}  // namespace firesweep
