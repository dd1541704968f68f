#include "shared/base/duration.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

using namespace std::chrono_literals;

TEST(Duration, IsReadAsPeopleTypeIt) {
  EXPECT_EQ(parse_duration("90"), 90s);
  EXPECT_EQ(parse_duration("0.5"), 500ms);
  EXPECT_EQ(parse_duration("45s"), 45s);
  EXPECT_EQ(parse_duration("90m"), 90min);
  EXPECT_EQ(parse_duration("1.5h"), 90min);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("1h 30m"), 90min);
  EXPECT_EQ(parse_duration("2d12h"), 60h);
  EXPECT_EQ(parse_duration("1m5s250ms"), 65'250ms);
  EXPECT_EQ(parse_duration("0"), 0s);
}

TEST(Duration, AnythingElseIsNone) {
  for (const char* text : {"", " ", "h", "-1", "-1h", "1h30", "30m1h", "1h1h", "1 h", "1H", "1e3",
                           "1h-30m", "1h ", "nan", "inf", "1w", "99999999999d", "1h30m x"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << '"' << text << '"';
  }
}

}  // namespace
}  // namespace firesweep
