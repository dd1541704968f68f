#include "coordinator/report/plot/axis.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace firesweep::plot {
namespace {

std::vector<std::string> labels(const Axis& axis) {
  std::vector<std::string> result;
  for (const Tick& tick : axis.ticks()) result.push_back(tick.label);
  return result;
}

TEST(Axis, ParametersGetOneTwoFive) {
  EXPECT_EQ(labels(Axis::logarithmic(1'283'684, 7'856'868, 0, 100)),
            (std::vector<std::string>{"1 M", "2 M", "5 M", "10 M"}));
  EXPECT_EQ(labels(Axis::logarithmic(3e5, 2.5e7, 0, 100)),
            (std::vector<std::string>{"500 k", "1 M", "2 M", "5 M", "10 M", "20 M"}));
}

TEST(Axis, ShortRangesGetFinerTicksAndLongOnesCoarser) {
  EXPECT_GE(Axis::logarithmic(1e6, 1e6, 0, 100).ticks().size(), 3u);
  EXPECT_LE(Axis::logarithmic(1, 1e12, 0, 100).ticks().size(), 14u);
}

TEST(Axis, PercentsStayWithinNoughtAndAHundred) {
  const Axis low = Axis::percent(0.0, 0.01, 100, 0);
  EXPECT_GE(low.low(), 0.0);
  const Axis high = Axis::percent(0.99, 1.0, 100, 0);
  EXPECT_LE(high.high(), 1.0);
}

TEST(Axis, EqualAccuraciesStillHaveARange) {
  const Axis axis = Axis::percent(0.5, 0.5, 100, 0);
  EXPECT_LT(axis.low(), 0.5);
  EXPECT_GT(axis.high(), 0.5);
}

TEST(Axis, EndsMapToPixels) {
  const Axis axis = Axis::percent(0.4, 0.6, 300, 20);
  EXPECT_DOUBLE_EQ(axis.at(axis.low()), 300);
  EXPECT_DOUBLE_EQ(axis.at(axis.high()), 20);
}

RC_GTEST_PROP(AxisProperty, EverythingAskedForLiesInsideWithAFewTicks, ()) {
  const double a = std::exp(*rc::gen::inRange(0, 2500) / 100.0);
  const double b = std::exp(*rc::gen::inRange(0, 2500) / 100.0);
  const Axis x = Axis::logarithmic(std::min(a, b), std::max(a, b), 0, 100);
  RC_ASSERT(x.at(a) > 0 && x.at(a) < 100 && x.at(b) > 0 && x.at(b) < 100);
  RC_ASSERT(x.ticks().size() >= 2 && x.ticks().size() <= 14);

  const double c = *rc::gen::inRange(0, 1001) / 1000.0;
  const double d = *rc::gen::inRange(0, 1001) / 1000.0;
  const Axis y = Axis::percent(std::min(c, d), std::max(c, d), 0, 100);
  RC_ASSERT(y.at(c) >= 0 && y.at(c) <= 100 && y.at(d) >= 0 && y.at(d) <= 100);
  RC_ASSERT(y.ticks().size() >= 3 && y.ticks().size() <= 14);
}

}  // namespace
}  // namespace firesweep::plot
