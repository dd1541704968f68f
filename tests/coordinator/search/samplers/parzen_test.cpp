#include "coordinator/search/samplers/parzen.h"

#include <gtest/gtest.h>

#include <cmath>

namespace firesweep {
namespace {

using Kind = Dimension::Kind;

const std::vector<std::size_t> kGroup{0, 1};

double mass_over(const ParzenEstimator& density, const SearchSpace& space) {
  constexpr int kSteps = 400;
  const auto places = [&](const Dimension& dimension) {
    std::vector<std::pair<double, double>> all;  // place, its share
    if (dimension.kind == Kind::kContinuous) {
      for (int i = 0; i < kSteps; ++i) all.emplace_back((i + 0.5) / kSteps, 1.0 / kSteps);
    } else {
      for (std::int64_t i = 0; i < dimension.choices; ++i) all.emplace_back(i, 1);
    }
    return all;
  };
  double mass = 0;
  for (const auto& [a, share_a] : places(space[0])) {
    for (const auto& [b, share_b] : places(space[1])) {
      mass += std::exp(density.log_density({a, b})) * share_a * share_b;
    }
  }
  return mass;
}

TEST(Parzen, TheDensityOfEveryKindIntegratesToOne) {
  for (const SearchSpace& space :
       {SearchSpace{{}, {}}, SearchSpace{{Kind::kCategorical, 4}, {Kind::kOrdered, 7}},
        SearchSpace{{}, {Kind::kOrdered, 3}},
        SearchSpace{{}, {Kind::kOrdered, 3, {}, {0.1, 0.9}}}}) {
    const Coordinates a =
        space[0].kind == Kind::kContinuous ? Coordinates{0.01, 1 / 8.0 * 0} : Coordinates{1, 6};
    const Coordinates b =
        space[0].kind == Kind::kContinuous ? Coordinates{0.7, 0} : Coordinates{3, 2};
    const ParzenEstimator density(space, kGroup, {&a, &b}, {1, 2}, 1, 0.2);
    EXPECT_NEAR(mass_over(density, space), 1, 1e-3);
  }
}

TEST(Parzen, WithoutPointsItIsThePrior) {
  const SearchSpace space{{Kind::kCategorical, 4}, {}};
  const ParzenEstimator density(space, kGroup, {}, {}, 1, 0.2);
  EXPECT_NEAR(density.log_density({2, 0.4}), std::log(0.25), 1e-12);
}

// What is drawn is distributed as the density says.
TEST(Parzen, DrawsFollowTheDensity) {
  for (const std::vector<double>& borders : {std::vector<double>{}, {0.1, 0.3, 0.9}}) {
    const SearchSpace space{{Kind::kCategorical, 3}, {Kind::kOrdered, 4, {}, borders}};
    const Coordinates a{0, 1};
    const Coordinates b{2, 3};
    const ParzenEstimator density(space, kGroup, {&a, &b}, {1, 1}, 1, 0.2);
    constexpr int kDraws = 20'000;
    std::vector<std::vector<int>> counts(3, std::vector<int>(4));
    SearchRandom random(1, 2);
    Coordinates point(2);
    for (int i = 0; i < kDraws; ++i) {
      density.draw(random, point);
      ++counts[static_cast<std::size_t>(point[0])][static_cast<std::size_t>(point[1])];
    }
    for (int x = 0; x < 3; ++x) {
      for (int y = 0; y < 4; ++y) {
        const double expected =
            std::exp(density.log_density({static_cast<double>(x), static_cast<double>(y)}));
        const double share =
            static_cast<double>(counts[static_cast<std::size_t>(x)][static_cast<std::size_t>(y)]) /
            kDraws;
        EXPECT_NEAR(share, expected, 5 * std::sqrt(expected / kDraws)) << x << " " << y;
      }
    }
  }
}

}  // namespace
}  // namespace firesweep
