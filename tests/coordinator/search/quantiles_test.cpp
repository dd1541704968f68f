#include "coordinator/search/quantiles.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "coordinator/search/student.h"
#include "shared/base/splitmix.h"

namespace firesweep {
namespace {

// What stored sweeps were drawn with: every middle is looked at.
double halved_normal(double share) {
  double low = -40;
  double high = 40;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    const double area = 0.5 * std::erfc(-middle / std::sqrt(2.0));
    (area < share ? low : high) = middle;
  }
  return (low + high) / 2;
}
double halved_beta(const Beta& beta, double share) {
  double low = 0;
  double high = 1;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (beta_below(beta.a, beta.b, middle) < share ? low : high) = middle;
  }
  return (low + high) / 2;
}

TEST(Quantiles, NormalIsThatOfHalvingToTheLastBit) {
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const double share = static_cast<double>(splitmix64(i) >> 32) * 0x1p-32;
    if (share > 0) ASSERT_EQ(normal_quantile(share), halved_normal(share)) << share;
  }
}

TEST(Quantiles, NormalIsThatOfHalvingAtTheEdges) {
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  for (const double edge : {0.5, 0.075, 0.925, std::exp(-25.0), 1 - std::exp(-25.0), 0x1p-32}) {
    for (int i = -50; i <= 50; ++i) {
      const double share = edge * (1 + i * kEpsilon);
      ASSERT_EQ(normal_quantile(share), halved_normal(share)) << edge << " " << i;
    }
  }
  for (int i = 1; i <= 1000; ++i) {
    for (const double share : {i * 0x1p-32, 1 - i * 0x1p-32, i * 0x1p-53, 1 - i * 0x1p-53,
                               std::pow(0.5, i), 0.5 + i * 0x1p-53, 0.5 - i * 0x1p-54}) {
      if (share > 0) ASSERT_EQ(normal_quantile(share), halved_normal(share)) << share;
    }
  }
}

TEST(Quantiles, BetaIsThatOfHalvingToTheLastBit) {
  for (const Beta& beta : {Beta{2, 12}, Beta{9, 1}, Beta{0.1, 0.2}, Beta{1, 1}, Beta{70, 90}}) {
    for (std::uint64_t i = 0; i < 300; ++i) {
      const double share = static_cast<double>(splitmix64(i) >> 32) * 0x1p-32;
      if (share > 0) ASSERT_EQ(beta_quantile(beta, share), halved_beta(beta, share)) << share;
    }
  }
}

}  // namespace
}  // namespace firesweep
