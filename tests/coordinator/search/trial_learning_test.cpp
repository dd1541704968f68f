// Trial spaces of methods that learn, and of sobol.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "coordinator/search/repeats.h"
#include "coordinator/search/trial_space.h"
#include "tests/coordinator/search/searches.h"

namespace firesweep {
namespace {

TrialSpace space_of(const std::shared_ptr<FrozenSweep>& frozen) {
  auto space = TrialSpace::make(frozen);
  EXPECT_TRUE(space) << to_string(space.error());
  return std::move(*space);
}

TEST(TrialLearning, TrialsExistBeforeTheyHaveAConfig) {
  auto frozen = searches::frozen(Method::kTpe, 5);
  frozen->spec.seeds = {7, 8};
  TrialSpace space = space_of(frozen);
  EXPECT_EQ(space.counts().trials, 5);
  EXPECT_EQ(space.dispatch_order(), (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(space.has(4));
  EXPECT_FALSE(space.has(5)) << "only the first seed of the last point";
  EXPECT_FALSE(space.config(2));
  const TrialSpace::Values values = space.values_at({0.5, 0.5, 3});
  ASSERT_TRUE(space.put(1, values));
  EXPECT_FALSE(space.config(1));
  ASSERT_TRUE(space.config(2));
  EXPECT_EQ(space.config(2)->seed, 7);
  EXPECT_EQ(space.config(3)->seed, 8);
  EXPECT_EQ(space.config(3)->arch_params.at("width"), Value(std::int64_t{11}));
  EXPECT_EQ(space.cost(*space.config(3)).params, 3 * 11 + 11 + 11 * 100 + 100);
}

TEST(TrialLearning, PointsWithValuesOfTheirOwnAreRefused) {
  TrialSpace space = space_of(searches::frozen(Method::kTpe, 5));
  TrialSpace::Values values = space.values_at({0.5, 0.5, 3});
  values["lr"] = -1.0;
  EXPECT_FALSE(space.put(0, values));
  values.erase("lr");
  EXPECT_FALSE(space.put(0, values));
  EXPECT_FALSE(space.config(0));
}

TEST(TrialLearning, ExclusionsAndConstraintsHoldBeforeTraining) {
  auto frozen = searches::frozen(Method::kTpe, 5);
  frozen->spec.constraints = {parse_constraint("params <= 1000").value()};
  const TrialSpace space = space_of(frozen);
  EXPECT_TRUE(space.allows(space.values_at({0.5, 0.5, 0})));
  EXPECT_FALSE(space.allows(space.values_at({0.5, 0.5, 3})));
  for (const TrialConfig& one : space.sample(50)) EXPECT_LE(space.cost(one).params, 1000);
  frozen->spec.constraints = {parse_constraint("params <= 1").value()};
  const auto none = TrialSpace::make(frozen);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().what.find("nothing is left to run"), std::string::npos);
}

TEST(TrialLearning, ASmallSpaceHasNoMoreTrialsThanPoints) {
  auto frozen = searches::frozen(Method::kNsga2, 100);
  frozen->spec.parameters = {{"lr", ValueList{{0.1, 0.2, 0.3}, {}}},
                             {"arch.width", IntUniform{8, 11}}};
  frozen->spec.exclude = {{{"lr", 0.2}}};
  const TrialSpace space = space_of(frozen);
  EXPECT_EQ(space.counts().possible, 8);
  EXPECT_EQ(space.counts().trials, 8);
}

TEST(TrialLearning, NothingIsSaidOfTrialsThatAreNotKnown) {
  EXPECT_TRUE(find_repeats(space_of(searches::frozen(Method::kGp, 9))).notes.empty());
}

TEST(SobolSweeps, PointsAreAFunctionOfTheirNumberAndCoverTheRange) {
  const TrialSpace space = space_of(searches::frozen(Method::kSobol, 64));
  std::vector<int> in_each(8, 0);
  for (std::int64_t number = 0; number < 64; ++number) {
    const auto config = space.config(number);
    ASSERT_TRUE(config);
    ++in_each[static_cast<std::size_t>(config->label_smoothing / 0.3 * 8)];
  }
  EXPECT_EQ(in_each, std::vector<int>(8, 8));
  const TrialSpace longer = space_of(searches::frozen(Method::kSobol, 100));
  EXPECT_EQ(*longer.config(63), *space.config(63)) << "a higher run_cap changes no point";
}

TEST(SobolSweeps, NoPointOfASmallSpaceIsDrawnTwice) {
  auto frozen = searches::frozen(Method::kSobol, 12);
  frozen->spec.parameters = {{"lr", ValueList{{0.1, 0.2, 0.3}, {}}},
                             {"arch.width", IntUniform{8, 11}}};
  const TrialSpace space = space_of(frozen);
  EXPECT_EQ(space.counts().trials, 12);
  std::set<std::pair<double, std::int64_t>> points;
  for (std::int64_t number = 0; number < space.counts().raw; ++number) {
    if (const auto config = space.config(number)) {
      points.emplace(config->lr, std::get<std::int64_t>(config->arch_params.at("width")));
    }
  }
  EXPECT_EQ(points.size(), 12u);
}

}  // namespace
}  // namespace firesweep
