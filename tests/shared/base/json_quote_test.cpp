#include "shared/base/json_quote.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

TEST(JsonQuote, QuotesBackslashesAndControlCharactersAreEscaped) {
  EXPECT_EQ(json_quoted("b\"\\\n\x01\x1f"), "\"b\\\"\\\\\\n\\u0001\\u001f\"");
  EXPECT_EQ(json_quoted("\b\f\r\t"), R"("\b\f\r\t")");
}

TEST(JsonQuote, OtherTextPassesAsItIs) {
  EXPECT_EQ(json_quoted("caf\xc3\xa9 / \x7f"), "\"caf\xc3\xa9 / \x7f\"");
  EXPECT_EQ(json_quoted("ü € 😀"), "\"ü € 😀\"");
  EXPECT_EQ(json_quoted(""), "\"\"");
}

TEST(JsonQuote, WhatIsNotUtf8IsReplaced) {
  EXPECT_EQ(json_quoted("\xff"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(json_quoted("\xc3"), "\"\xEF\xBF\xBD\"") << "cut off";
  EXPECT_EQ(json_quoted("\xc0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"") << "overlong";
  EXPECT_EQ(json_quoted("\xed\xa0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"")
      << "a surrogate";
}

}  // namespace
}  // namespace firesweep
