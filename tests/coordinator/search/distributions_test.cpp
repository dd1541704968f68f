// Each distribution is drawn by its law: Kolmogorov and Smirnov's distance between what is drawn
// and the law's closed form.
#include "shared/domain/distributions.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <set>
#include <vector>

#include "coordinator/search/draw.h"
#include "coordinator/search/trial_space.h"

namespace firesweep {
namespace {

constexpr std::int64_t kPoints = 20'000;
// Of the true law one draw in a thousand is farther away: 1.95 / √n.
const double kFarthest = 1.95 / std::sqrt(static_cast<double>(kPoints));

using Below = std::function<double(double)>;  // the law's distribution function

std::vector<double> drawn(const Parameter& parameter) {
  std::vector<double> all;
  for (std::int64_t i = 0; i < kPoints; ++i) all.push_back(std::get<double>(draw(parameter, 5, i)));
  std::sort(all.begin(), all.end());
  return all;
}

double distance(const std::vector<double>& sorted, const Below& below) {
  double most = 0;
  const auto n = static_cast<double>(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double law = below(sorted[i]);
    most = std::max({most, std::abs(law - static_cast<double>(i) / n),
                     std::abs(law - static_cast<double>(i + 1) / n)});
  }
  return most;
}

double normal_below(double x, double mean, double stddev) {
  return std::erfc((mean - x) / (stddev * std::numbers::sqrt2)) / 2;
}

struct Case {
  Domain domain;
  Below below;
};

std::vector<Case> continuous() {
  const auto log_below = [](double x) { return std::log(x / 1e-4) / std::log(1e4); };
  return {
      {Uniform{-1, 3}, [](double x) { return (x + 1) / 4; }},
      {LogUniformValues{1e-4, 1}, log_below},
      {InvLogUniformValues{1e-4, 1}, log_below},
      {Normal{2, 3}, [](double x) { return normal_below(x, 2, 3); }},
      {LogNormal{-5, 1.5}, [](double x) { return normal_below(std::log(x), -5, 1.5); }},
      {Beta{1, 1}, [](double x) { return x; }},
      {Beta{2, 3}, [](double x) { return x * x * (6 + x * (3 * x - 8)); }},
      {Beta{0.5, 0.5}, [](double x) { return 2 / std::numbers::pi * std::asin(std::sqrt(x)); }},
      {Beta{5, 1}, [](double x) { return std::pow(x, 5); }},
      {Beta{0.01, 1}, [](double x) { return std::pow(x, 0.01); }},
  };
}

TEST(Distributions, EachFollowsItsLaw) {
  for (const Case& one : continuous()) {
    EXPECT_LT(distance(drawn({"arch.x", one.domain}), one.below), kFarthest) << one.domain.index();
  }
}

TEST(Distributions, AnotherLawIsFartherAway) {
  EXPECT_GT(distance(drawn({"arch.x", Beta{2, 3}}), [](double x) { return x; }), kFarthest);
  EXPECT_GT(
      distance(drawn({"arch.x", Normal{2, 3}}), [](double x) { return normal_below(x, 2.1, 3); }),
      kFarthest);
}

// momentum is in [0, 1), lr in (0, 10].
TEST(Distributions, UnboundedOnesAreTruncatedAtTheLimitsOfTheirField) {
  const double outside = normal_below(std::log(10), 1, 2);
  EXPECT_LT(distance(drawn({"lr", LogNormal{1, 2}}),
                     [&](double x) { return normal_below(std::log(x), 1, 2) / outside; }),
            kFarthest);
  const double low = normal_below(0, 0.5, 0.5), high = normal_below(1, 0.5, 0.5);
  EXPECT_LT(distance(drawn({"momentum", Normal{0.5, 0.5}}),
                     [&](double x) { return (normal_below(x, 0.5, 0.5) - low) / (high - low); }),
            kFarthest);
}

// Each multiple is drawn as often as its law says: what lies nearer to it than to others.
TEST(Distributions, StepsAreDrawnAsOftenAsWhatLiesNearest) {
  const double q = 0.25;
  const auto expect = [&](const Quantized& quantized, const Below& below, double first,
                          double last) {
    std::map<double, std::int64_t> counts;
    for (std::int64_t i = 0; i < kPoints; ++i)
      ++counts[std::get<double>(draw({"arch.x", quantized}, 5, i))];
    for (double at = first; at <= last; at += q) {
      const double share =
          (at == last ? 1 : below(at + q / 2)) - (at == first ? 0 : below(at - q / 2));
      EXPECT_NEAR(static_cast<double>(counts[at]) / kPoints, share,
                  4 * std::sqrt(share / kPoints) + 1e-4)
          << quantized.of.index() << " at " << at;
    }
    EXPECT_GE(counts.begin()->first, first);
    EXPECT_LE(counts.rbegin()->first, last);
  };
  expect({Uniform{-1, 1}, q}, [](double x) { return (x + 1) / 2; }, -1, 1);
  expect(
      {LogUniformValues{0.25, 4}, q}, [](double x) { return std::log(x * 4) / std::log(16); }, 0.25,
      4);
  expect({Beta{2, 3}, q}, [](double x) { return x * x * (6 + x * (3 * x - 8)); }, 0, 1);
}

TEST(Distributions, StepsOfUnboundedOnesHaveTheirMeanAndSpread) {
  double sum = 0, squares = 0, logs = 0;
  for (std::int64_t i = 0; i < kPoints; ++i) {
    const double x = std::get<double>(draw({"arch.x", Quantized{Normal{10, 2}, 0.1}}, 5, i));
    sum += x;
    squares += x * x;
    logs += std::log(std::get<double>(draw({"arch.x", Quantized{LogNormal{3, 0.5}, 0.1}}, 5, i)));
  }
  const double mean = sum / kPoints;
  EXPECT_NEAR(mean, 10, 0.06);
  EXPECT_NEAR(std::sqrt(squares / kPoints - mean * mean), 2, 0.06);
  EXPECT_NEAR(logs / kPoints, 3, 0.02);
}

TEST(Distributions, StepsHaveTheDigitsThatPeopleWrite) {
  std::set<double> seen;
  for (std::int64_t i = 0; i < 500; ++i)
    seen.insert(std::get<double>(draw({"label_smoothing", Quantized{Uniform{0, 0.4}, 0.1}}, 5, i)));
  EXPECT_EQ(seen, (std::set<double>{0, 0.1, 0.2, 0.3, 0.4}));
}

TEST(Distributions, StepsOfWholeFieldsAreWholeAndWithinTheRange) {
  std::set<std::int64_t> seen;
  for (std::int64_t i = 0; i < 500; ++i) {
    seen.insert(std::get<std::int64_t>(
        draw({"batch_size", Quantized{LogUniformValues{33, 130}, 32}}, 5, i)));
  }
  EXPECT_EQ(seen, (std::set<std::int64_t>{64, 96, 128}));
}

// momentum is in [0, 1): 1 itself is drawn again.
TEST(Distributions, OpenEndsAreNotDrawn) {
  for (std::int64_t i = 0; i < 500; ++i) {
    EXPECT_LT(std::get<double>(draw({"momentum", Quantized{Beta{1, 1}, 0.25}}, 5, i)), 1);
  }
}

// The stored trials of users' databases must keep their meaning.
TEST(Distributions, AreStableAcrossBuilds) {
  const auto lr = [](Domain domain) {
    return std::get<double>(draw({"lr", std::move(domain)}, 7, 123));
  };
  EXPECT_DOUBLE_EQ(lr(InvLogUniformValues{1e-4, 1}), 0.0015910231671441961);
  EXPECT_DOUBLE_EQ(lr(LogNormal{-5, 1}), 0.0067527332641634571);
  EXPECT_DOUBLE_EQ(lr(Beta{2, 3}), 0.51966567136935249);
  EXPECT_DOUBLE_EQ(lr(Quantized{Uniform{0.1, 0.9}, 0.1}), 0.7);
}

RC_GTEST_PROP(Distributions, StepsAreMultiplesWithinTheirRange,
              (std::int64_t seed, std::int64_t point)) {
  const double q = *rc::gen::elementOf(std::vector<double>{0.01, 0.1, 0.25, 0.3, 1, 7});
  const double low = q * *rc::gen::inRange(0, 5);
  const Quantized quantized{Uniform{low, low + q * *rc::gen::inRange(1, 9)}, q};
  const Value value = draw({"arch.x", quantized}, seed, point);
  const double x = std::holds_alternative<double>(value)
                       ? std::get<double>(value)
                       : static_cast<double>(std::get<std::int64_t>(value));
  const auto range = std::get<Uniform>(quantized.of);
  RC_ASSERT(x >= range.min - 1e-9 && x <= range.max + 1e-9);
  RC_ASSERT(std::abs(x / q - std::round(x / q)) < 1e-6);
  RC_ASSERT(x == multiple(std::round(x / q), q));
}

}  // namespace
}  // namespace firesweep
