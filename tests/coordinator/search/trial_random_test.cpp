// Issue 13, kind 5: a random sweep of finitely many points draws none twice while new ones are
// left.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "coordinator/search/sweep_space.h"
#include "coordinator/search/trial_space.h"

namespace firesweep {
namespace {

Block block(std::string kind, std::map<std::string, Quantity> numbers = {}) {
  Block made;
  made.kind = std::move(kind);
  made.where = "/blocks/" + made.kind;
  made.numbers = std::move(numbers);
  return made;
}

std::shared_ptr<const FrozenSweep> frozen(std::vector<Parameter> parameters, std::int64_t cap,
                                          int rules = kRulesVersion) {
  auto made = std::make_shared<FrozenSweep>();
  made->spec.rules = rules;
  made->spec.name = "test";
  made->spec.dataset = DatasetName::kCifar100;
  made->spec.method = Method::kRandom;
  made->spec.run_cap = cap;
  made->spec.base.variant = "tiny";
  made->spec.parameters = std::move(parameters);
  made->architectures.emplace(
      "tiny", Architecture{"tiny",
                           {3, 32, 32},
                           {},
                           {block("conv", {{"value", 4.0}}), block("global_avg_pool"),
                            block("linear", {{"value", "classes"}})},
                           "",
                           "tiny"});
  return made;
}

TrialSpace space_of(std::vector<Parameter> parameters, std::int64_t cap,
                    int rules = kRulesVersion) {
  auto space = TrialSpace::make(frozen(std::move(parameters), cap, rules));
  if (!space) throw std::runtime_error(to_string(space.error()));
  return std::move(*space);
}

const Parameter kRates{"lr", ValueList{{0.001, 0.003, 0.01, 0.03}, {}}};
const Parameter kEpochs{"epochs", IntUniform{3, 7}};

using Point = std::pair<double, std::int64_t>;
std::vector<Point> points_of(const TrialSpace& space) {
  std::vector<Point> points;
  for (std::int64_t number = 0; number < space.counts().raw; ++number) {
    if (const auto config = space.config(number)) points.emplace_back(config->lr, config->epochs);
  }
  return points;
}

TEST(RandomPoints, NoneIsDrawnTwiceAndAllComeInTheEnd) {
  const TrialSpace space = space_of({kRates, kEpochs}, 20);
  EXPECT_EQ(space.counts().possible, 20);
  const auto points = points_of(space);
  ASSERT_EQ(points.size(), 20u);
  EXPECT_EQ(std::set(points.begin(), points.end()).size(), 20u);
  EXPECT_FALSE(std::is_sorted(points.begin(), points.end())) << "in a random order";
}

// Of steps it is not counted how many there are: drawing ends when no new one comes for long.
TEST(RandomPoints, StepsAreDrawnOnceToo) {
  const Parameter rates{"lr", Quantized{Uniform{0.1, 0.4}, 0.1}};
  const Parameter epochs{"epochs", Quantized{Normal{5, 2}, 5}};
  const TrialSpace space = space_of({rates, epochs}, 6);
  EXPECT_GT(space.counts().repeated, 0);
  const auto points = points_of(space);
  ASSERT_EQ(points.size(), 6u);
  EXPECT_EQ(std::set(points.begin(), points.end()).size(), 6u);
}

TEST(RandomPoints, StepsBesideARangeCannotRepeat) {
  const Parameter epochs{"epochs", Quantized{Uniform{1, 3}, 1}};
  const TrialSpace space = space_of({{"lr", Beta{2, 2}}, epochs}, 50);
  EXPECT_EQ(space.counts().repeated, 0);
  EXPECT_EQ(points_of(space).size(), 50u);
}

TEST(RandomPoints, MoreThanThereAreEndWithTheLast) {
  const TrialSpace space = space_of({kRates, kEpochs}, 500);
  EXPECT_EQ(space.counts().trials, 20);
  EXPECT_EQ(points_of(space).size(), 20u);
}

TEST(RandomPoints, FirstOnesDoNotDependOnTheCap) {
  const auto few = points_of(space_of({kRates, kEpochs}, 7));
  const auto many = points_of(space_of({kRates, kEpochs}, 15));
  ASSERT_EQ(few.size(), 7u);
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
}

TEST(RandomPoints, OfAListWithProbabilitiesAreNotDrawnAgainEither) {
  const Parameter weighted{"lr", ValueList{{0.001, 0.003, 0.01}, {0.9, 0.1, 0}}};
  const TrialSpace space = space_of({weighted, kEpochs}, 40);
  EXPECT_EQ(space.counts().possible, 10) << "one of the three is never drawn";
  const auto points = points_of(space);
  EXPECT_EQ(points.size(), 10u);
  EXPECT_EQ(std::set(points.begin(), points.end()).size(), 10u);
  EXPECT_GT(space.counts().repeated, 0);
  // The likely one comes first more often.
  const auto first = points_of(space_of({weighted, kEpochs}, 4));
  EXPECT_GE(std::count_if(first.begin(), first.end(), [](Point p) { return p.first == 0.001; }), 2);
}

TEST(RandomPoints, OfARangeOfRealNumbersAreEndless) {
  const TrialSpace space = space_of({{"lr", Uniform{0.1, 0.2}}, kEpochs}, 30);
  EXPECT_EQ(space.counts().possible, 0);
  EXPECT_EQ(space.counts().trials, 30);
}

TEST(RandomPoints, ExcludedOnesAreSkippedWhileOthersAreLeft) {
  auto sweep = std::make_shared<FrozenSweep>(*frozen({kRates, kEpochs}, 16));
  sweep->spec.exclude = {{{"lr", 0.01}}};
  const auto space = TrialSpace::make(sweep);
  ASSERT_TRUE(space);
  EXPECT_EQ(space->counts().trials, 15);
  EXPECT_EQ(space->counts().excluded, 5);
}

TEST(RandomPoints, WholeRangesBeyondCountingAreEndless) {
  const Parameter seeds{"split_seed", IntUniform{0, (std::int64_t{1} << 52) - 1}};
  const Parameter sizes{"train_size", IntUniform{0, 9'999'999}};
  EXPECT_EQ(space_of({seeds, sizes}, 3).counts().trials, 3);
  EXPECT_EQ(space_of({seeds, sizes}, 3).counts().possible, 0);
  EXPECT_EQ(space_of({seeds}, 3).counts().possible, std::int64_t{1} << 52);
}

// What was submitted by older rules keeps its points and their numbers.
TEST(RandomPoints, OlderSweepsDrawAsTheyDid) {
  const auto older = points_of(space_of({kRates, kEpochs}, 20, 2));
  ASSERT_EQ(older.size(), 20u);
  EXPECT_LT(std::set(older.begin(), older.end()).size(), 20u);
  EXPECT_EQ(older, points_of(space_of({kRates, kEpochs}, 20, 1)));
}

TEST(RandomPoints, ExtendedBySomeValuesTrainNoneAgain) {
  auto space = SweepSpace::make(frozen({kRates, kEpochs}, 20));
  ASSERT_TRUE(space);
  Parameter more = kRates;
  std::get<ValueList>(more.domain).values.emplace_back(0.1);
  ASSERT_TRUE(space->extend(frozen({more, kEpochs}, 25)));
  EXPECT_EQ(space->trials(), 25);
  std::set<Point> points;
  for (std::int64_t number = 0; number < space->raw(); ++number) {
    if (const auto config = space->config(number)) points.emplace(config->lr, config->epochs);
  }
  EXPECT_EQ(points.size(), 25u);
}

RC_GTEST_PROP(RandomPoints, EveryTrialIsFoundAgainByItsConfig, ()) {
  const TrialSpace space = space_of({kRates, kEpochs}, *rc::gen::inRange<std::int64_t>(1, 30));
  for (std::int64_t number = 0; number < space.counts().raw; ++number) {
    const auto config = space.config(number);
    RC_ASSERT(config && space.find(*config, -1) == number);
  }
}

}  // namespace
}  // namespace firesweep
