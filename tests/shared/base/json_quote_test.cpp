#include "shared/base/json_quote.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

TEST(JsonQuote, QuotesBackslashesAndControlCharactersAreEscaped) {
  EXPECT_EQ(json_quoted("b\"\\\n\x01\x1f"), "\"b\\\"\\\\\\u000a\\u0001\\u001f\"");
}

TEST(JsonQuote, OtherTextPassesAsItIs) {
  EXPECT_EQ(json_quoted("caf\xc3\xa9 / \x7f"), "\"caf\xc3\xa9 / \x7f\"");
  EXPECT_EQ(json_quoted(""), "\"\"");
}

}  // namespace
}  // namespace firesweep
