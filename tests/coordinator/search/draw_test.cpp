#include "coordinator/search/draw.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>

namespace firesweep {
namespace {

constexpr std::int64_t kPoints = 20'000;

TEST(Draw, IsAFunctionOfSeedPointAndName) {
  const Parameter lr{"lr", Uniform{0.1, 0.9}};
  EXPECT_EQ(draw(lr, 1, 5), draw(lr, 1, 5));
  EXPECT_NE(draw(lr, 1, 5), draw(lr, 1, 6));
  EXPECT_NE(draw(lr, 1, 5), draw(lr, 2, 5));
  EXPECT_NE(draw(lr, 1, 5), draw(Parameter{"momentum", Uniform{0.1, 0.9}}, 1, 5));
}

// The stored trials of users' databases must keep their meaning.
TEST(Draw, IsStableAcrossBuilds) {
  EXPECT_EQ(draw(Parameter{"epochs", IntUniform{1, 1'000'000}}, 0, 0),
            Value(std::int64_t{806'887}));
  EXPECT_EQ(draw(Parameter{"epochs", IntUniform{1, 1'000'000}}, 7, 123),
            Value(std::int64_t{19'277}));
}

RC_GTEST_PROP(Draw, RangesAreHeld, (std::int64_t seed, std::int64_t point)) {
  const double uniform = std::get<double>(draw({"lr", Uniform{0.25, 0.5}}, seed, point));
  RC_ASSERT(uniform >= 0.25 && uniform < 0.5);
  const double log = std::get<double>(draw({"lr", LogUniformValues{1e-5, 1e-1}}, seed, point));
  RC_ASSERT(log >= 1e-5 && log < 1e-1);
  const auto whole = std::get<std::int64_t>(draw({"epochs", IntUniform{-3, 3}}, seed, point));
  RC_ASSERT(whole >= -3 && whole <= 3);
  const double normal = std::get<double>(draw({"momentum", Normal{0.9, 5}}, seed, point));
  RC_ASSERT(normal >= 0 && normal < 1);
}

TEST(Draw, UniformFillsItsRangeEvenly) {
  const Parameter parameter{"lr", Uniform{0, 1}};
  double sum = 0;
  for (std::int64_t i = 0; i < kPoints; ++i) sum += std::get<double>(draw(parameter, 3, i));
  EXPECT_NEAR(sum / kPoints, 0.5, 0.01);
}

TEST(Draw, LogUniformIsEvenInTheLogarithm) {
  const Parameter parameter{"lr", LogUniformValues{1e-4, 1}};
  int below = 0;
  for (std::int64_t i = 0; i < kPoints; ++i) {
    if (std::get<double>(draw(parameter, 3, i)) < 1e-2) ++below;
  }
  EXPECT_NEAR(static_cast<double>(below) / kPoints, 0.5, 0.02);
}

TEST(Draw, NormalHasItsMeanAndSpread) {
  const Parameter parameter{"arch.width", Normal{10, 2}};
  double sum = 0;
  double squares = 0;
  for (std::int64_t i = 0; i < kPoints; ++i) {
    const double x = std::get<double>(draw(parameter, 3, i));
    sum += x;
    squares += x * x;
  }
  const double mean = sum / kPoints;
  EXPECT_NEAR(mean, 10, 0.1);
  EXPECT_NEAR(std::sqrt(squares / kPoints - mean * mean), 2, 0.1);
}

TEST(Draw, IntegersReachBothEnds) {
  std::map<std::int64_t, int> counts;
  for (std::int64_t i = 0; i < kPoints; ++i) {
    ++counts[std::get<std::int64_t>(draw({"epochs", IntUniform{1, 4}}, 3, i))];
  }
  ASSERT_EQ(counts.size(), 4u);
  for (const auto& [value, count] : counts) EXPECT_NEAR(count, kPoints / 4, kPoints / 40) << value;
}

TEST(Draw, ListsFollowTheirProbabilities) {
  const ValueList list{{std::string("a"), std::string("b"), std::string("c")}, {0.2, 0.8, 0.0}};
  std::map<std::string, int> counts;
  for (std::int64_t i = 0; i < kPoints; ++i) {
    ++counts[std::get<std::string>(draw({"variant", list}, 3, i))];
  }
  EXPECT_NEAR(counts["a"], kPoints * 0.2, kPoints * 0.02);
  EXPECT_EQ(counts["c"], 0);
}

TEST(Draw, ListsWithoutProbabilitiesAreEven) {
  const ValueList list{{1.0, 2.0}, {}};
  int ones = 0;
  for (std::int64_t i = 0; i < kPoints; ++i) {
    if (draw({"lr", list}, 3, i) == Value(1.0)) ++ones;
  }
  EXPECT_NEAR(ones, kPoints / 2, kPoints / 40);
}

}  // namespace
}  // namespace firesweep
