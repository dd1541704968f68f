#include "coordinator/search/trial_space.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <set>

#include "tests/bounded.h"
#include "tests/sanitized.h"

namespace firesweep {
namespace {

Block block(std::string kind, std::map<std::string, Quantity> numbers = {}) {
  Block made;
  made.kind = std::move(kind);
  made.where = "/blocks/" + made.kind;
  made.numbers = std::move(numbers);
  return made;
}

// A network of one convolution: its cost grows with `width`, and "$depth" repeats a second one.
Architecture network(const std::string& name, double width) {
  Block again = block("repeat", {{"value", "$depth"}});
  again.children = {{block("conv", {{"value", "in"}})}};
  return {name,
          {3, 32, 32},
          {{"depth", std::int64_t{1}}, {"p", 0.3}},
          {block("conv", {{"value", width}}), again, block("global_avg_pool"),
           block("dropout", {{"value", "$p"}}), block("linear", {{"value", "classes"}})},
          "",
          name};
}

Parameter values(std::string name, std::vector<Value> list) {
  return {std::move(name), ValueList{std::move(list), {}}};
}

SweepSpec grid(std::vector<Parameter> parameters, std::vector<std::int64_t> seeds = {1}) {
  SweepSpec spec;
  spec.name = "test";
  spec.dataset = DatasetName::kCifar100;
  spec.base.variant = "small";
  spec.parameters = std::move(parameters);
  spec.seeds = std::move(seeds);
  return spec;
}

Result<TrialSpace> made(SweepSpec spec) {
  auto frozen = std::make_shared<FrozenSweep>();
  frozen->spec = std::move(spec);
  for (const auto& [name, width] :
       std::map<std::string, double>{{"small", 8}, {"twin", 8}, {"large", 32}}) {
    frozen->architectures.emplace(name, network(name, width));
  }
  return TrialSpace::make(std::move(frozen));
}

TrialSpace space_of(SweepSpec spec) {
  auto space = made(std::move(spec));
  if (!space) throw std::runtime_error(to_string(space.error()));
  return std::move(*space);
}

Value text(const char* word) { return std::string(word); }

const Parameter kVariants = values("variant", {text("small"), text("large")});
const Parameter kRates = values("lr", {0.001, 0.003, 0.01});

// Numbers that exist, by asking for every one.
std::vector<std::int64_t> numbers_of(const TrialSpace& space) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t n = -1; n <= space.counts().raw; ++n) {
    if (space.config(n)) numbers.push_back(n);
  }
  return numbers;
}

TEST(TrialSpace, LastParameterRunsFastestAndSeedsFasterStill) {
  const TrialSpace space = space_of(grid({kVariants, kRates}, {7, 9}));
  ASSERT_EQ(space.counts().trials, 12);
  const auto label = [&](std::int64_t n) {
    const TrialConfig config = *space.config(n);
    return config.variant + " " + to_string(Value(config.lr)) + " " + std::to_string(config.seed);
  };
  EXPECT_EQ(label(0), "small 0.001 7");
  EXPECT_EQ(label(1), "small 0.001 9");
  EXPECT_EQ(label(2), "small 0.003 7");
  EXPECT_EQ(label(6), "large 0.001 7");
  EXPECT_EQ(label(11), "large 0.01 9");
  EXPECT_FALSE(space.config(12));
  EXPECT_FALSE(space.config(-1));
  EXPECT_FALSE(space.config(std::int64_t{1} << 39));
}

TEST(TrialSpace, NothingSweptIsOneTrial) {
  const TrialSpace space = space_of(grid({}));
  EXPECT_EQ(space.counts().trials, 1);
  EXPECT_EQ(*space.config(0), space.frozen().spec.base);
}

TEST(TrialSpace, ExcludeCutsPointsAndKeepsNumbers) {
  SweepSpec spec = grid({kVariants, kRates}, {1, 2});
  spec.exclude = {{{"variant", text("large")}, {"lr", 0.01}}, {{"lr", 0.003}}};
  const TrialSpace space = space_of(spec);
  EXPECT_EQ(space.counts().raw, 12);
  EXPECT_EQ(space.counts().excluded, 6);
  EXPECT_EQ(space.counts().trials, 6);
  EXPECT_EQ(numbers_of(space), (std::vector<std::int64_t>{0, 1, 4, 5, 6, 7}));
}

TEST(TrialSpace, ExcludeLooksAtFixedParametersToo) {
  SweepSpec spec = grid({kRates});
  spec.exclude = {{{"variant", text("large")}, {"lr", 0.01}}};
  EXPECT_EQ(space_of(spec).counts().excluded, 0);
  spec.exclude = {{{"variant", text("small")}, {"lr", 0.01}}};
  EXPECT_EQ(space_of(spec).counts().excluded, 1);
}

TEST(TrialSpace, ConstraintsCutByParamsAndMacs) {
  SweepSpec spec = grid({kVariants, kRates});
  spec.constraints = {*parse_constraint("params <= 10000")};
  const TrialSpace space = space_of(spec);
  EXPECT_EQ(space.counts().constrained, 3);
  EXPECT_EQ(space.counts().trials, 3);
  spec.constraints = {*parse_constraint("macs > 1e6")};
  EXPECT_EQ(space_of(spec).config(0), std::nullopt);
}

TEST(TrialSpace, ConstraintsCutByHyperparametersToo) {
  SweepSpec spec = grid({kVariants, kRates});
  spec.constraints = {*parse_constraint("variant == 'small' or lr < 0.01")};
  const TrialSpace space = space_of(spec);
  EXPECT_GT(space.counts().constrained, 0);
  for (std::int64_t number = 0; number < space.counts().raw; ++number) {
    const auto config = space.config(number);
    if (!config) continue;
    EXPECT_TRUE(config->variant == "small" || config->lr < 0.01) << number;
  }
}

TEST(TrialSpace, RunCapKeepsTheFirstNumbers) {
  SweepSpec spec = grid({kVariants, kRates}, {1, 2});
  spec.exclude = {{{"lr", 0.001}}};
  spec.run_cap = 3;
  const TrialSpace space = space_of(spec);
  EXPECT_EQ(space.counts().capped, 5);
  EXPECT_EQ(space.counts().trials, 3);
  EXPECT_EQ(numbers_of(space), (std::vector<std::int64_t>{2, 3, 4}));
  spec.run_cap = 1000;
  EXPECT_EQ(space_of(spec).counts().capped, 0);
}

TEST(TrialSpace, NothingLeftSaysWhatRemovedIt) {
  SweepSpec spec = grid({kVariants, kRates});
  spec.exclude = {{{"variant", text("small")}}};
  spec.constraints = {*parse_constraint("params < 1")};
  const auto space = made(spec);
  ASSERT_FALSE(space);
  EXPECT_EQ(to_string(space.error()),
            "/exclude: nothing is left to run: of 6 trials exclude removes 3 and constraints "
            "(params < 1) "
            "remove 3 (let more points through, or leave out what removes most)");
  spec.exclude.clear();
  EXPECT_EQ(made(spec).error().where, "/constraints");
}

TEST(TrialSpace, UnknownVariantIsRefused) {
  const auto space = made(grid({values("variant", {text("small"), text("medium")})}));
  ASSERT_FALSE(space);
  EXPECT_EQ(space.error().where, "/parameters/variant");
}

TEST(TrialSpace, UnknownArchParameterIsRefusedWithItsNearMiss) {
  const auto space = made(grid({values("arch.dept", {std::int64_t{1}, std::int64_t{2}})}));
  ASSERT_FALSE(space);
  EXPECT_EQ(
      to_string(space.error()),
      "/parameters/arch.dept: the architecture small has no parameter \"dept\", expected depth, p "
      "(did you mean \"depth\"?)");
}

TEST(TrialSpace, AnArchParameterOfAnotherVariantNamesTheConditionToWrite) {
  SweepSpec spec = grid({values("variant", {text("small"), text("deep")}),
                         values("arch.stages", {std::int64_t{1}, std::int64_t{2}})});
  const auto frozen = [&] {
    auto made = std::make_shared<FrozenSweep>();
    made->spec = spec;
    made->architectures.emplace("small", network("small", 8));
    made->architectures.emplace("deep", network("deep", 8));
    made->architectures.at("deep").params["stages"] = std::int64_t{1};
    return made;
  };
  const auto space = TrialSpace::make(frozen());
  ASSERT_FALSE(space);
  EXPECT_EQ(to_string(space.error()),
            "/parameters/arch.stages: the architecture small has no parameter \"stages\", expected "
            "depth, p (write \"conditions\": {\"arch.stages\": {\"variant\": \"deep\"}}, so that "
            "it exists there only)");
  spec.parameters.push_back(kRates);
  spec.conditions = {{"arch.stages", {{"lr", {0.001}}}}};
  EXPECT_EQ(TrialSpace::make(frozen()).error().hint,
            "add \"variant\": \"deep\" to its condition, so that it exists there only");
  spec.conditions = {{"arch.stages", {{"variant", {text("deep")}}}}};
  EXPECT_TRUE(TrialSpace::make(frozen()));
}

TEST(TrialSpace, AValueOfAnotherKindIsToldAtItsPlace) {
  const auto space = made(grid({values("arch.depth", {std::int64_t{1}, text("two")})}));
  ASSERT_FALSE(space);
  EXPECT_EQ(to_string(space.error()),
            "/parameters/arch.depth/values/1: found \"two\", expected a value like 1, the default "
            "in small");
}

TEST(TrialSpace, AnArchitectureThatIsWrongByItselfIsToldAtTheVariant) {
  SweepSpec spec = grid({kVariants, values("arch.p", {0.1, 0.2})});
  auto frozen = std::make_shared<FrozenSweep>();
  frozen->spec = spec;
  frozen->architectures.emplace("small", network("small", 8));
  frozen->architectures.emplace("large", network("large", -1));
  const auto space = TrialSpace::make(frozen);
  ASSERT_FALSE(space);
  EXPECT_EQ(space.error().where, "/parameters/variant/values/1");
  EXPECT_TRUE(space.error().what.starts_with(
      "found \"large\", whose network cannot be built: large: /blocks/conv"))
      << space.error().what;
}

TEST(TrialSpace, EveryNetworkIsResolvedBeforeAnythingRuns) {
  const auto space =
      made(grid({kRates, values("arch.depth", {std::int64_t{1}, std::int64_t{5000}})}));
  ASSERT_FALSE(space);
  EXPECT_EQ(
      to_string(space.error()),
      "/parameters/arch.depth/values/1: found 5000, with which the network cannot be built: small: "
      "/blocks/repeat/repeat: found 5000 from \"$depth\", expected a whole number in [1, 1000]");
}

TEST(TrialSpace, ArchParametersReachTheNetwork) {
  const TrialSpace space =
      space_of(grid({values("arch.depth", {std::int64_t{1}, std::int64_t{3}})}));
  const TrialConfig deep = *space.config(1);
  EXPECT_EQ(deep.arch_params.at("depth"), Value(std::int64_t{3}));
  EXPECT_GT(space.cost(deep).params, space.cost(*space.config(0)).params);
  EXPECT_EQ(cost_of(space.architecture(deep)).params, space.cost(deep).params);
}

TEST(TrialSpace, DropoutOverridesTheFiles) {
  SweepSpec spec = grid({values("dropout", {-1.0, 0.0, 0.5})});
  const TrialSpace space = space_of(spec);
  const auto dropout = [&](std::int64_t number) {
    for (const Layer& layer : space.architecture(*space.config(number)).layers) {
      if (const auto* op = std::get_if<Dropout>(&layer.op)) return op->p;
    }
    return -1.0;
  };
  EXPECT_EQ(dropout(0), 0.3);
  EXPECT_EQ(dropout(1), 0.0);
  EXPECT_EQ(dropout(2), 0.5);
}

TEST(TrialSpace, OptimizerBringsItsOwnLearningRateWhereNoneIsGiven) {
  SweepSpec spec = grid({values("optimizer", {text("adamw"), text("sgd")})});
  spec.lr_follows_optimizer = true;
  const TrialSpace space = space_of(spec);
  EXPECT_EQ(space.config(0)->lr, 3e-3);
  EXPECT_EQ(space.config(1)->lr, 0.1);
  EXPECT_EQ(space.config(1)->weight_decay, spec.base.weight_decay);
}

TEST(TrialSpace, LongTrialsAreDispatchedFirst) {
  const TrialSpace space =
      space_of(grid({kVariants, values("epochs", {std::int64_t{1}, std::int64_t{100}})}));
  EXPECT_EQ(space.dispatch_order(), (std::vector<std::int64_t>{3, 1, 2, 0}));
}

TEST(TrialSpace, EqualCostsAreInterleavedOverVariants) {
  const TrialSpace space =
      space_of(grid({values("variant", {text("small"), text("twin")}), kRates}));
  EXPECT_EQ(space.dispatch_order(), (std::vector<std::int64_t>{0, 3, 1, 4, 2, 5}));
}

TEST(TrialSpace, AnInterleavedOrderBeginsWithOneSeedOfEveryPointVariantByVariant) {
  SweepSpec spec = grid({values("variant", {text("small"), text("large")}),
                         values("lr", {0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008})},
                        {1, 2});
  spec.order = DispatchOrder::kInterleaved;
  const TrialSpace space = space_of(spec);
  const std::vector<std::int64_t> order = space.dispatch_order();
  ASSERT_EQ(order.size(), 32u);
  EXPECT_EQ(std::set<std::int64_t>(order.begin(), order.end()).size(), 32u);
  EXPECT_EQ(order, space_of(spec).dispatch_order()) << "the same every time";
  std::vector<double> rates;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const TrialConfig config = *space.config(order[i]);
    EXPECT_EQ(config.seed, i < 16 ? 1 : 2);
    if (i > 0) {
      EXPECT_NE(config.variant, space.config(order[i - 1])->variant);
    }
    if (i < 16 && config.variant == "small") rates.push_back(config.lr);
  }
  EXPECT_FALSE(std::is_sorted(rates.begin(), rates.end())) << "they are spread over the range";
}

TEST(TrialSpace, AnInterleavedOrderLeavesOutWhatIsSkippedAndCapped) {
  SweepSpec spec = grid({values("lr", {0.001, 0.002, 0.003, 0.004})}, {1, 2});
  spec.order = DispatchOrder::kInterleaved;
  spec.run_cap = 5;
  const TrialSpace space = space_of(spec);
  std::vector<bool> skipped(8);
  skipped[2] = true;
  auto order = space.dispatch_order(skipped);
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, (std::vector<std::int64_t>{0, 1, 3, 4}));
}

TEST(TrialSpace, FewerImagesAreLessWork) {
  const TrialSpace space = space_of(
      grid({values("train_size", {std::int64_t{100}, std::int64_t{0}, std::int64_t{200}})}));
  EXPECT_EQ(space.dispatch_order(), (std::vector<std::int64_t>{1, 2, 0}));
}

SweepSpec random_spec(std::int64_t cap, std::vector<std::int64_t> seeds = {1}) {
  SweepSpec spec = grid({kVariants, {"lr", LogUniformValues{1e-4, 1e-1}}}, std::move(seeds));
  spec.method = Method::kRandom;
  spec.run_cap = cap;
  return spec;
}

TEST(TrialSpace, RandomDrawsUntilTheCapIsReached) {
  SweepSpec spec = random_spec(50);
  spec.exclude = {{{"variant", text("small")}}};
  const TrialSpace space = space_of(spec);
  EXPECT_EQ(space.counts().trials, 50);
  EXPECT_GT(space.counts().excluded, 10);
  EXPECT_EQ(space.counts().raw, space.counts().excluded + 50);
  for (const std::int64_t number : numbers_of(space)) {
    EXPECT_EQ(space.config(number)->variant, "large");
  }
}

TEST(TrialSpace, RandomCapMayCutWithinAPointsSeeds) {
  const TrialSpace space = space_of(random_spec(4, {1, 2, 3}));
  EXPECT_EQ(space.counts().raw, 6);
  EXPECT_EQ(space.counts().capped, 2);
  EXPECT_EQ(numbers_of(space), (std::vector<std::int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(space.config(0)->lr, space.config(2)->lr);
  EXPECT_NE(space.config(0)->lr, space.config(3)->lr);
}

TEST(TrialSpace, RandomWithNothingPossibleEnds) {
  SweepSpec spec = random_spec(100);
  spec.constraints = {*parse_constraint("params < 1")};
  EXPECT_FALSE(made(spec));
}

TEST(TrialSpace, RandomPointsDoNotDependOnTheCap) {
  const TrialSpace few = space_of(random_spec(5));
  const TrialSpace many = space_of(random_spec(500));
  for (std::int64_t n = 0; n < 5; ++n) EXPECT_EQ(few.config(n), many.config(n));
}

TEST(TrialSpace, SearchSeedChangesThePoints) {
  SweepSpec spec = random_spec(5);
  spec.search_seed = 1;
  EXPECT_NE(space_of(spec).config(0)->lr, space_of(random_spec(5)).config(0)->lr);
}

TEST(TrialSpace, GridsAboveTheBoundAreRefused) {
  std::vector<Value> many(10'000);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::int64_t>(i);
  const auto space =
      made(grid({values("split_seed", many), values("epochs", {many.begin() + 1, many.end()})}));
  ASSERT_FALSE(space);
  EXPECT_NE(space.error().what.find("more than 10,000,000 trials"), std::string::npos);
}

// Counts, numbers, configs and the order of dispatch tell the same story, for grids of any shape.
RC_GTEST_PROP(TrialSpace, CountsAgreeWithNumbersAndOrder, ()) {
  SweepSpec spec;
  const auto lrs = *rc::gen::inRange(1, 5);
  const auto smoothings = *rc::gen::inRange(1, 4);
  const auto seeds = *rc::gen::inRange(1, 4);
  std::vector<Value> lr_values;
  for (int i = 0; i < lrs; ++i) lr_values.emplace_back(0.001 * (i + 1));
  std::vector<Value> smoothing_values;
  for (int i = 0; i < smoothings; ++i) smoothing_values.emplace_back(0.1 * i);
  std::vector<std::int64_t> seed_values(static_cast<std::size_t>(seeds));
  std::iota(seed_values.begin(), seed_values.end(), 1);
  spec = grid({values("lr", lr_values), kVariants, values("label_smoothing", smoothing_values)},
              seed_values);
  if (*rc::gen::arbitrary<bool>()) {
    spec.exclude = {{{"variant", text("large")}, {"lr", *rc::gen::elementOf(lr_values)}}};
  }
  if (*rc::gen::arbitrary<bool>()) spec.run_cap = *rc::gen::inRange<std::int64_t>(1, 80);
  if (*rc::gen::arbitrary<bool>()) spec.method = Method::kRandom;
  if (spec.method == Method::kRandom) spec.run_cap = spec.run_cap.value_or(20);

  const TrialSpace space = space_of(spec);
  const auto numbers = numbers_of(space);
  const auto& counts = space.counts();
  RC_ASSERT(static_cast<std::int64_t>(numbers.size()) == counts.trials);
  RC_ASSERT(counts.raw == counts.trials + counts.excluded + counts.constrained + counts.capped);
  auto order = space.dispatch_order();
  std::sort(order.begin(), order.end());
  RC_ASSERT(order == numbers);
  const TrialSpace again = space_of(spec);
  for (const std::int64_t number : numbers) RC_ASSERT(space.config(number) == again.config(number));
  if (spec.method == Method::kGrid) {
    std::set<std::string> distinct;
    for (const std::int64_t number : numbers) {
      const TrialConfig c = *space.config(number);
      distinct.insert(c.variant + " " + to_string(Value(c.lr)) + " " +
                      to_string(Value(c.label_smoothing)) + " " + std::to_string(c.seed));
    }
    RC_ASSERT(distinct.size() == numbers.size());
  }
}

// Takes 60 ms; the bounds leave room for sanitizers and busy machines, and none for anything
// quadratic.
TEST(TrialSpace, CountingAndOrderingGrowWithTheNumberOfTrials) {
  std::vector<Value> many;
  for (int i = 1; i <= 1000; ++i) many.emplace_back(i * 1e-5);
  std::vector<Value> smoothings;
  for (int i = 0; i < 100; ++i) smoothings.emplace_back(i * 1e-3);
  SweepSpec spec = grid({kVariants, values("lr", many), values("label_smoothing", smoothings)});
  spec.exclude = {{{"variant", text("large")}, {"lr", many[3]}}};
  spec.constraints = {*parse_constraint("params <= 8e6")};
  const auto clock = [] { return std::chrono::steady_clock::now(); };
  const auto start = clock();
  const TrialSpace space = space_of(spec);
  const auto ready = clock();
  EXPECT_EQ(space.counts().trials, 200'000 - 100);
  EXPECT_EQ(space.dispatch_order().size(), 200'000u - 100u);
  EXPECT_LT(ready - start, std::chrono::seconds(20));
  EXPECT_LT(clock() - ready, std::chrono::seconds(20));
}

// ---- specs that would take for ever ----

std::vector<Value> numbers(std::int64_t count) {
  std::vector<Value> list;
  for (std::int64_t i = 1; i <= count; ++i) list.emplace_back(i);
  return list;
}

std::string refusal_of(const SweepSpec& spec) {
  return testing::bounded([&] {
    const auto space = made(spec);
    return space ? "accepted" : to_string(space.error());
  });
}

TEST(TrialSpaceLimits, AGridOfMoreTrialsThanNumbersIsRefusedAtOnce) {
  SweepSpec trillion =
      grid({values("batch_size", numbers(10'000)), values("split_seed", numbers(10'000)),
            values("epochs", numbers(10'000))});
  EXPECT_EQ(refusal_of(trillion),
            "/parameters: the grid has more than 10,000,000 trials, expected fewer (list fewer "
            "values, or write \"method\": \"random\" with a \"run_cap\")");
  for (const char* name : {"train_size", "test_size", "lr", "weight_decay", "momentum"}) {
    trillion.parameters.push_back(values(name, numbers(10'000)));
  }
  EXPECT_NE(refusal_of(trillion).find("more than 10,000,000 trials"), std::string::npos);
}

TEST(TrialSpaceLimits, ExclusionsOfMillionsOfPointsAreRefusedSoon) {
  if (testing::kSanitized) GTEST_SKIP() << "the release build judges the time";
  SweepSpec spec = grid({values("batch_size", numbers(3'000)), values("epochs", numbers(3'000))});
  for (std::int64_t i = 0; i < 10'000; ++i) {
    spec.exclude.push_back({{"batch_size", -i}, {"epochs", -i}});
  }
  EXPECT_NE(refusal_of(spec).find("/exclude: found 10000 exclusions"), std::string::npos)
      << refusal_of(spec);
}

TEST(TrialSpaceLimits, ThousandsOfHugeNetworksAreRefusedSoon) {
  if (testing::kSanitized) GTEST_SKIP() << "the release build judges the time";
  std::vector<Value> rates;
  for (int i = 0; i < 10'000; ++i) rates.emplace_back(i / 20'000.0);
  const SweepSpec deep =
      grid({values("arch.p", rates), values("arch.depth", {std::int64_t{900}, std::int64_t{901}})});
  EXPECT_NE(refusal_of(deep).find("more than 5,000,000 layers together"), std::string::npos)
      << refusal_of(deep);
}

}  // namespace
}  // namespace firesweep
