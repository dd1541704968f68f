#include "coordinator/report/plot/svg.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace firesweep::plot {
namespace {

TEST(Svg, NumbersAreShort) {
  EXPECT_EQ(number(12.5), "12.5");
  EXPECT_EQ(number(100), "100");
  EXPECT_EQ(number(1.0 / 3), "0.33");
  EXPECT_EQ(number(-0.001), "0");
}

TEST(Svg, TextIsEscaped) {
  EXPECT_EQ(escaped("<a & \"b\" 'c'>\n"), "&lt;a &amp; &quot;b&quot; &#39;c&#39;&gt; ");
  EXPECT_EQ(escaped("\xff"), "\xEF\xBF\xBD");
}

TEST(Svg, FortyNineVariantsLookDifferent) {
  std::set<std::pair<int, std::string_view>> seen;
  for (std::size_t i = 0; i < 49; ++i) {
    const Marker marker = marker_of(i);
    EXPECT_TRUE(seen.emplace(marker.kind, marker.colour).second) << i;
  }
}

TEST(Svg, FirstSevenVariantsDifferInBothColourAndShape) {
  std::set<int> kinds;
  std::set<std::string_view> colours;
  for (std::size_t i = 0; i < 7; ++i) {
    kinds.insert(marker_of(i).kind);
    colours.insert(marker_of(i).colour);
  }
  EXPECT_EQ(kinds.size(), 7u);
  EXPECT_EQ(colours.size(), 7u);
}

}  // namespace
}  // namespace firesweep::plot
