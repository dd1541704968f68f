#include "coordinator/cli/text.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

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

TEST(Text, IdleTimeIsSaidFromOneSecond) {
  EXPECT_EQ(idle_at_end(0.9), "");
  EXPECT_EQ(idle_at_end(1.8), "workers idle at the end 2 s");
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
  EXPECT_EQ(fit("網路網路", 6), "網路…") << "a wide character takes two columns";
}

}  // namespace
}  // namespace firesweep
