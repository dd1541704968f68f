#include "coordinator/cli/text.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

TEST(Text, PercentHasTwoDecimals) {
  EXPECT_EQ(percent(0.5), "50.00 %");
  EXPECT_EQ(percent(0.45619), "45.62 %");
}

TEST(Text, ClockTimeShowsHoursOnlyWhereThereAre) {
  EXPECT_EQ(clock_time(0), "0:00");
  EXPECT_EQ(clock_time(245.4), "4:05");
  EXPECT_EQ(clock_time(3723), "1:02:03");
  EXPECT_EQ(clock_time(-5), "0:00");
}

TEST(Text, RoughTimeChangesItsUnit) {
  EXPECT_EQ(rough_time(45), "45 s");
  EXPECT_EQ(rough_time(720), "12 min");
  EXPECT_EQ(rough_time(3 * 3600), "3.0 h");
  EXPECT_EQ(rough_time(72 * 3600), "3.0 days");
}

TEST(Text, CountsAreRoundedToThreeDigits) {
  EXPECT_EQ(human_count(950), "950");
  EXPECT_EQ(human_count(2'755'732), "2.76 M");
  EXPECT_EQ(human_count(1.516e9), "1.52 G");
}

TEST(Text, BarIsClampedAndKeepsItsWidth) {
  EXPECT_EQ(bar(0.5, 4), "▕██░░▏");
  EXPECT_EQ(bar(7, 2), "▕██▏");
  EXPECT_EQ(bar(-1, 2), "▕░░▏");
}

TEST(Text, FitCutsAtWholeCharacters) {
  EXPECT_EQ(fit("abc", 3), "abc");
  EXPECT_EQ(fit("abcd", 3), "ab…");
  EXPECT_EQ(fit("äöüß", 3), "äö…");
}

}  // namespace
}  // namespace firesweep
