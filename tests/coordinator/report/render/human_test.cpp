#include "coordinator/report/render/human.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

TEST(Human, CountsHaveThreeDigitsAndASuffix) {
  EXPECT_EQ(human_number(2'755'732), "2.76 M");
  EXPECT_EQ(human_number(53'757'952), "53.8 M");
  EXPECT_EQ(human_number(318'570'496), "319 M");
  EXPECT_EQ(human_number(1'516'765'184), "1.52 G");
  EXPECT_EQ(human_number(512), "512");
  EXPECT_EQ(human_number(999'600), "1.00 M");
  EXPECT_EQ(human_number(0), "0");
}

TEST(Human, AccuraciesArePercentWithTwoDecimals) {
  EXPECT_EQ(human_percent(0.5780), "57.80 %");
  EXPECT_EQ(human_percent(1), "100.00 %");
}

TEST(Human, DurationsGrowColons) {
  EXPECT_EQ(human_duration(8.26), "8.3 s");
  EXPECT_EQ(human_duration(59.97), "1:00");
  EXPECT_EQ(human_duration(245), "4:05");
  EXPECT_EQ(human_duration(3723), "1:02:03");
}

TEST(Human, WholeNumbersAreGrouped) {
  EXPECT_EQ(human_whole(50'000), "50,000");
  EXPECT_EQ(human_whole(999), "999");
  EXPECT_EQ(human_whole(-1'234'567), "-1,234,567");
}

TEST(Human, CellsFollowTheirUnit) {
  EXPECT_EQ(human(std::nullopt, Unit::kFraction), "–");
  EXPECT_EQ(human(Value(0.003), Unit::kNumber), "0.003");
  EXPECT_EQ(human(Value(std::int64_t{1}), Unit::kFlag), "yes");
  EXPECT_EQ(human(Value(std::int64_t{0}), Unit::kFlag), "no");
  EXPECT_EQ(human(Value(std::int64_t{1'700'000'000'000}), Unit::kTimeMs), "2023-11-14 22:13:20");
  EXPECT_EQ(human(Value(std::int64_t{11'022'928}), Unit::kBytes), "11.0 MB");
  EXPECT_EQ(human(Value(194.6), Unit::kRate), "195");
  EXPECT_EQ(human(Value(std::string("v3")), Unit::kText), "v3");
}

}  // namespace
}  // namespace firesweep
