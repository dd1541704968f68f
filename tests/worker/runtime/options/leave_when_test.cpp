#include "worker/runtime/options/leave_when.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

namespace firesweep {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// 2026-11-27T14:30:00 in a zone two hours east of Greenwich.
constexpr seconds kNow{1'795'782'600};

class Until : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TZ", "EET-2", 1);
    ::tzset();
  }
  static std::optional<seconds> in(const std::string& text) {
    const auto time = parse_until(text, kNow);
    if (!time) return std::nullopt;
    return std::chrono::duration_cast<seconds>(*time) - kNow;
  }
};

TEST_F(Until, AClockTimeIsTheNextOne) {
  EXPECT_EQ(in("18:00"), seconds(3 * 3600 + 1800));
  EXPECT_EQ(in("14:30:01"), seconds(1));
  EXPECT_EQ(in("14:30"), seconds(24 * 3600)) << "tomorrow";
  EXPECT_EQ(in("9:00"), seconds(18 * 3600 + 1800));
}

TEST_F(Until, ADateIsLocalTime) {
  EXPECT_EQ(in("2026-11-27T18:00"), seconds(3 * 3600 + 1800));
  EXPECT_EQ(in("2026-11-28 14:30:05"), seconds(24 * 3600 + 5));
}

TEST_F(Until, SecondsSince1970HaveNoZone) { EXPECT_EQ(in("1795782660"), seconds(60)); }

TEST_F(Until, ADurationBeginsNow) {
  EXPECT_EQ(in("3h50m"), seconds(3 * 3600 + 50 * 60));
  EXPECT_EQ(in("90s"), seconds(90));
}

TEST_F(Until, OtherTextsAreRefusedWithExamples) {
  for (const char* text : {"", "soon", "24:00", "18:60", "2026-02-30T18:00", "2026-13-01T18:00",
                           "2026-11-27", "10 minutes", "0s", "-1795782660", "12345"}) {
    SCOPED_TRACE(text);
    const auto time = parse_until(text, kNow);
    ASSERT_FALSE(time);
    EXPECT_EQ(time.error().where, "--until");
    EXPECT_NE(time.error().hint.find("18:00"), std::string::npos);
  }
}

TEST_F(Until, ATimeThatIsOverIsRefused) {
  for (const char* text : {"2026-11-27T14:30", "1795782600", "2020-01-01T00:00"}) {
    const auto time = parse_until(text, kNow);
    ASSERT_FALSE(time) << text;
    EXPECT_NE(time.error().what.find("a time to come"), std::string::npos);
  }
}

}  // namespace
}  // namespace firesweep
