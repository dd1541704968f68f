#include "shared/wire/clean.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace firesweep {
namespace {

TEST(CleanText, LeavesValidUtf8Alone) {
  const std::string text = "plain, é, €, 😀\n";
  EXPECT_EQ(clean_text(text), text);
}

TEST(CleanText, ReplacesEachStrayByte) {
  EXPECT_EQ(clean_text("a\xff"
                       "b\xc3"),
            "a?b?");
  EXPECT_EQ(clean_text("\xc0\xaf"), "??") << "overlong";
  EXPECT_EQ(clean_text("\xed\xa0\x80"), "???") << "surrogate";
  EXPECT_EQ(clean_text("\xf4\x90\x80\x80"), "????") << "beyond U+10FFFF";
}

TEST(CleanText, CutsBetweenCodePoints) { EXPECT_EQ(clean_text("ab€", 4), "ab"); }

RC_GTEST_PROP(CleanText, IsIdempotentAndBounded, (const std::string& text)) {
  const std::string once = clean_text(text, 8);
  RC_ASSERT(once.size() <= 8U);
  RC_ASSERT(clean_text(once, 8) == once);
}

TEST(CleanNumbers, AreInsideWhatTheReaderTakes) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(clean_loss(2.5), 2.5);
  EXPECT_EQ(clean_loss(-kInfinity), std::numeric_limits<double>::lowest());
  EXPECT_EQ(clean_loss(kNan), std::numeric_limits<double>::max());
  EXPECT_EQ(clean_number(kInfinity), 0.0);
  EXPECT_EQ(clean_rate(-1), 0.0);
  EXPECT_EQ(clean_fraction(1.0000001), 1.0);
  EXPECT_EQ(clean_fraction(kNan), 0.0);
}

}  // namespace
}  // namespace firesweep
