#include "shared/base/letters.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

// Issue 13, kind 9: output for where it goes.
TEST(Letters, DumbTerminalsAndOtherEncodingsTakeAscii) {
  EXPECT_EQ(letters_for("dumb", nullptr, "C.UTF-8", nullptr), Letters::kAscii);
  EXPECT_EQ(letters_for("xterm", "C", nullptr, "en_US.UTF-8"), Letters::kAscii);
  EXPECT_EQ(letters_for("xterm", "", "POSIX", nullptr), Letters::kAscii);
  EXPECT_EQ(letters_for("xterm", "", "", "de_DE.ISO-8859-15@euro"), Letters::kAscii);
  EXPECT_EQ(letters_for("xterm", "C.UTF-8", "C", "C"), Letters::kAll);
  EXPECT_EQ(letters_for("xterm", nullptr, nullptr, "de_DE.utf8@euro"), Letters::kAll);
  EXPECT_EQ(letters_for(nullptr, nullptr, nullptr, nullptr), Letters::kAll) << "as under cron";
}

TEST(Letters, SignsKeepTheirWidthAndWordsStay) {
  EXPECT_EQ(in_letters("▕██░░▏ ── – größe …", Letters::kAscii), "[##--] -- - größe .");
  EXPECT_EQ(in_letters("▕█▏ ─", Letters::kAll), "▕█▏ ─");
}

}  // namespace
}  // namespace firesweep
