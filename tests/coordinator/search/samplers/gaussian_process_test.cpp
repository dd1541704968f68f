#include "coordinator/search/samplers/gaussian_process.h"

#include <gtest/gtest.h>

#include <cmath>

namespace firesweep {
namespace {

using Kind = Dimension::Kind;

double wave(double x) { return 3 + 2 * std::sin(5 * x); }

TEST(GaussianProcess, KnowsItsPointsAndInterpolates) {
  const SearchSpace space(1);
  std::vector<Coordinates> points;
  std::vector<double> costs;
  for (int i = 0; i < 12; ++i) {
    points.push_back({i / 12.0});
    costs.push_back(wave(i / 12.0));
  }
  SearchRandom random(1, 1);
  const GaussianProcess process(space, points, costs, random);
  for (int i = 0; i < 12; ++i) {
    EXPECT_NEAR(process.predict({i / 12.0}).mean, wave(i / 12.0), 0.01);
    EXPECT_LT(process.predict({i / 12.0}).deviation, 0.05);
  }
  EXPECT_NEAR(process.predict({0.46}).mean, wave(0.46), 0.02);
  EXPECT_GT(process.predict({0.999}).deviation, process.predict({0.46}).deviation);
}

TEST(GaussianProcess, CategoriesAndAbsencesAreApart) {
  const SearchSpace space{{Kind::kCategorical, 3}, {Kind::kContinuous, 0, {{0, {0}}}}};
  std::vector<Coordinates> points;
  std::vector<double> costs;
  for (int i = 0; i < 6; ++i) {
    points.push_back({0, i / 6.0});
    costs.push_back(i / 6.0);
    points.push_back({static_cast<double>(1 + i % 2), kAbsent});
    costs.push_back(i % 2 == 0 ? 5 : 9);
  }
  SearchRandom random(1, 1);
  const GaussianProcess process(space, points, costs, random);
  EXPECT_NEAR(process.predict({1, kAbsent}).mean, 5, 0.2);
  EXPECT_NEAR(process.predict({2, kAbsent}).mean, 9, 0.2);
  EXPECT_NEAR(process.predict({0, 0.4}).mean, 0.4, 0.2);
}

// Costs that are all equal tell nothing, and break nothing.
TEST(GaussianProcess, EqualCostsArePredicted) {
  const SearchSpace space(1);
  const std::vector<double> costs{4, 4, 4};
  SearchRandom random(1, 1);
  const GaussianProcess process(space, {{0.1}, {0.5}, {0.5}}, costs, random);
  EXPECT_NEAR(process.predict({0.9}).mean, 4, 1e-9);
}

}  // namespace
}  // namespace firesweep
