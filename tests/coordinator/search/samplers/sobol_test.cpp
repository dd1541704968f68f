#include "coordinator/search/samplers/sobol.h"

#include <gtest/gtest.h>

#include <set>

namespace firesweep {
namespace {

TEST(Sobol, EveryDimensionHasOnePointInEachInterval) {
  for (const std::uint64_t seed : {1U, 2U}) {
    for (std::size_t dimension = 0; dimension < 2 * kSobolDimensions + 3; ++dimension) {
      std::set<int> intervals;
      for (std::uint32_t i = 256; i < 512; ++i) {
        const double at = sobol_coordinate(i, dimension, seed);
        ASSERT_GE(at, 0);
        ASSERT_LT(at, 1);
        intervals.insert(static_cast<int>(at * 256));
      }
      EXPECT_EQ(intervals.size(), 256) << "dimension " << dimension;
    }
  }
}

// The first two dimensions are a (0, 2)-sequence: any box of area 2^-8 whose sides are powers of
// two holds one of 256 points.
TEST(Sobol, TwoDimensionsFillEveryBox) {
  for (int wide = 0; wide <= 8; ++wide) {
    std::set<std::pair<int, int>> boxes;
    for (std::uint32_t i = 0; i < 256; ++i) {
      boxes.emplace(static_cast<int>(sobol_coordinate(i, 0, 5) * (1 << wide)),
                    static_cast<int>(sobol_coordinate(i, 1, 5) * (1 << (8 - wide))));
    }
    EXPECT_EQ(boxes.size(), 256) << wide;
  }
}

// Genz's product peak in 8 dimensions: the mean of 1,024 points is nearer to the integral than that
// of most random ones (their standard error is 0.019).
TEST(Sobol, IntegratesBetterThanRandomPoints) {
  double worst = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    double sum = 0;
    for (std::uint32_t i = 0; i < 1024; ++i) {
      double product = 1;
      for (std::size_t d = 0; d < 8; ++d) product *= 0.5 + sobol_coordinate(i, d, seed);
      sum += product;
    }
    worst = std::max(worst, std::abs(sum / 1024 - 1));
  }
  EXPECT_LT(worst, 0.006);
}

TEST(Sobol, SeedsScrambleDifferently) {
  EXPECT_NE(sobol_coordinate(5, 3, 1), sobol_coordinate(5, 3, 2));
  EXPECT_NE(sobol_coordinate(5, 3, 1), sobol_coordinate(5, 3 + kSobolDimensions, 1));
}

}  // namespace
}  // namespace firesweep
