#include "shared/base/utf8.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

TEST(Utf8, CharactersAreCountedNotBytes) {
  EXPECT_EQ(character_count("ä€😀"), 3u);
  EXPECT_EQ(character_count("a\xFF"), 2u) << "a byte of no character counts as one";
  EXPECT_EQ(character_count(""), 0u);
}

TEST(Utf8, FirstMalformedIsWhereTheMistakeLies) {
  EXPECT_EQ(first_malformed("größe"), std::string_view::npos);
  EXPECT_EQ(first_malformed("gr\xF6\xDF"), 2u);  // Latin-1
  EXPECT_EQ(first_malformed("a\xC0\xAF"), 1u) << "overlong";
  EXPECT_EQ(first_malformed("a\xED\xA0\x80"), 1u) << "a surrogate";
  EXPECT_EQ(well_formed("a\xFF"), "a\xEF\xBF\xBD");
}

TEST(Utf8, WhatSteersATerminalIsAControl) {
  for (const char* text : {"a\x1b[31m", "a\tb", "a\x7f", "a\u009b31m", "a\u0085", "a\u202eb",
                           "\u2066x", "a\u200fb", "a\u2028b"}) {
    EXPECT_TRUE(has_control(text)) << printable(text);
    EXPECT_FALSE(has_control(printable(text))) << printable(text);
  }
  EXPECT_FALSE(has_control("größe 網路 😀 \u00a0"));
  EXPECT_EQ(printable("a\u009b31m"), "a?31m");
  EXPECT_EQ(printable("one\ntwo"), "one\ntwo");
}

TEST(Utf8, BlanksAndInvisibleCharactersShowNothing) {
  for (const char* text : {"", "   ", "\u00a0", "\u3000", "\u200b\u200b", "\ufeff", "\u2800"}) {
    EXPECT_TRUE(is_blank(text)) << text;
  }
  EXPECT_FALSE(is_blank(" . "));
}

TEST(Utf8, WidthIsThatOfATerminal) {
  EXPECT_EQ(display_width("±57 %–"), 6u);
  EXPECT_EQ(display_width("網路"), 4u);
  EXPECT_EQ(display_width("😀x"), 3u);
  EXPECT_EQ(display_width("e\u0301"), 1u) << "an accent stands on its letter";
  EXPECT_EQ(display_width("▕█░▏"), 4u);
  EXPECT_EQ(head_of_width("網路", 3), "網") << "a wide character is not cut";
  EXPECT_EQ(head_of_width("ab", 5), "ab");
}

}  // namespace
}  // namespace firesweep
