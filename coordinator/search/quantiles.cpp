#include "coordinator/search/quantiles.h"

#include <array>
#include <cmath>
#include <numbers>

#include "coordinator/search/student.h"

namespace firesweep {
namespace {

struct Interval {
  double low, high;
};

// Where halving an interval `times` times leads to. Only middles within `doubtful` are looked at:
// those below are below the quantile, those above are not.
template <class IsBelow>
double halved(Interval interval, int times, const Interval& doubtful, const IsBelow& is_below) {
  auto& [low, high] = interval;
  for (int i = 0; i < times; ++i) {
    const double middle = (low + high) / 2;
    if (middle == low || middle == high) break;  // neighbours: they stay
    const bool below = middle <= doubtful.low || (middle < doubtful.high && is_below(middle));
    low = below ? middle : low;
    high = below ? high : middle;
  }
  return (low + high) / 2;
}

template <std::size_t N>
double polynomial(const std::array<double, N>& factors, double x) {
  double sum = 0;
  for (std::size_t i = N; i-- > 0;) sum = sum * x + factors[i];
  return sum;
}

// Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics
// 37(3), 1988: PPND16, to 16 digits, without its last case.
constexpr double kFarthest = 5;  // square root of the negative logarithm of a tail's share
constexpr std::array<double, 8> kMiddleOver = {3.3871328727963666080e0, 1.3314166789178437745e2,
                                               1.9715909503065514427e3, 1.3731693765509461125e4,
                                               4.5921953931549871457e4, 6.7265770927008700853e4,
                                               3.3430575583588128105e4, 2.5090809287301226727e3};
constexpr std::array<double, 8> kMiddleUnder = {1.0,
                                                4.2313330701600911252e1,
                                                6.8718700749205790830e2,
                                                5.3941960214247511077e3,
                                                2.1213794301586595867e4,
                                                3.9307895800092710610e4,
                                                2.8729085735721942674e4,
                                                5.2264952788528545610e3};
constexpr std::array<double, 8> kTailOver = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                             5.76949722146069140550e0,  3.64784832476320460504e0,
                                             1.27045825245236838258e0,  2.41780725177450611770e-1,
                                             2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr std::array<double, 8> kTailUnder = {1.0,
                                              2.05319162663775882187e0,
                                              1.67638483018380384940e0,
                                              6.89767334985100004550e-1,
                                              1.48103976427480074590e-1,
                                              1.51986665636164571966e-2,
                                              5.47593808499534494600e-4,
                                              1.05075007164441684324e-9};

constexpr Interval kAll = {-40, 40};

// An interval outside of which no middle's area can be mistaken: AS 241's quantile, and around it
// several times its own error and what the last bits of an area make of it.
Interval doubtful_of(double share) {
  constexpr double kBits = 0x1p-47;
  const double centred = share - 0.5;
  double at = 0;
  if (std::abs(centred) <= 0.425) {
    const double square = 0.180625 - centred * centred;
    at = centred * polynomial(kMiddleOver, square) / polynomial(kMiddleUnder, square);
  } else {
    const double root = std::sqrt(-std::log(centred < 0 ? share : 1 - share));
    if (!(root <= kFarthest)) return kAll;
    const double tail = polynomial(kTailOver, root - 1.6) / polynomial(kTailUnder, root - 1.6);
    at = centred < 0 ? -tail : tail;
  }
  const double density = std::exp(-at * at / 2) / std::sqrt(2 * std::numbers::pi);
  const double around = kBits * (share / density + std::abs(at));
  return {at - around, at + around};
}

// Where halving kAll may be begun, and how often it goes on from there.
struct Start {
  Interval interval;
  int times;
};

// The middles of the first 40 halvings are exact, so that their interval is known at once if
// it holds all that is doubtful.
Start start_for(const Interval& doubtful) {
  constexpr int kTimes = 100, kAtOnce = 40;
  constexpr double kWidth = (kAll.high - kAll.low) * 0x1p-40;
  const double low = std::floor((doubtful.low - kAll.low) / kWidth) * kWidth + kAll.low;
  const bool holds = low <= doubtful.low && low + kWidth >= doubtful.high;
  return holds ? Start{{low, low + kWidth}, kTimes - kAtOnce} : Start{kAll, kTimes};
}

}  // namespace

double normal_quantile(double share) {
  const Interval doubtful = doubtful_of(share);
  const Start start = start_for(doubtful);
  return halved(start.interval, start.times, doubtful,
                [&](double middle) { return 0.5 * std::erfc(-middle / std::sqrt(2.0)) < share; });
}

double beta_quantile(const Beta& beta, double share) {
  const BetaShares shares(beta.a, beta.b);
  return halved({0, 1}, 60, {0, 1}, [&](double middle) { return shares.below(middle) < share; });
}

}  // namespace firesweep
