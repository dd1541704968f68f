#include "coordinator/search/student.h"

#include <algorithm>
#include <cmath>

namespace firesweep {

BetaShares::BetaShares(double a, double b)
    : law_{a, b, std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b)},
      mirrored_{b, a, std::lgamma(b + a) - std::lgamma(b) - std::lgamma(a)} {}

double BetaShares::below(const Law& law, const Law& mirrored, double x) {
  const auto& [a, b, log_factor] = law;
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - below(mirrored, law, 1 - x);
  constexpr double kTiny = 1e-300;
  constexpr int kMostTerms = 500;
  double c = 1;
  double d = 1 / std::max(1 - (a + b) * x / (a + 1), kTiny);
  double fraction = d;
  for (int m = 1; m < kMostTerms; ++m) {
    for (const double term : {m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                              -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))}) {
      d = 1 + term * d;
      d = 1 / (std::abs(d) < kTiny ? kTiny : d);
      c = 1 + term / c;
      if (std::abs(c) < kTiny) c = kTiny;
      fraction *= c * d;
    }
    if (std::abs(c * d - 1) < 1e-15) break;
  }
  const double logarithm = log_factor + a * std::log(x) + b * std::log1p(-x);
  return std::exp(logarithm) * fraction / a;
}

double student_above(double t, double freedom) {
  const double half = beta_below(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2;
  return t < 0 ? 1 - half : half;
}

double student_bound(double chance, double freedom) {
  double low = 0;
  double high = 1;
  while (student_above(high, freedom) > chance && std::isfinite(high)) high *= 2;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (student_above(middle, freedom) > chance ? low : high) = middle;
  }
  return high;
}

}  // namespace firesweep
