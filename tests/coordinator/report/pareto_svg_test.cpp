#include "coordinator/report/pareto_svg.h"

#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <string>

namespace firesweep {
namespace {

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + what.size()))
    ++found;
  return found;
}

// Every element that opens is closed in order, and every attribute is quoted.
bool is_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  const std::regex tag(R"(<(/?)([a-z]+)((?: [a-zA-Z0-9:-]+="[^"<]*")*)(/?)>|<[^?])");
  for (std::sregex_iterator it(xml.begin(), xml.end(), tag), end; it != end; ++it) {
    if (!(*it)[2].matched) return false;
    if ((*it)[1].length() > 0) {
      if (open.empty() || open.back() != (*it)[2]) return false;
      open.pop_back();
    } else if ((*it)[4].length() == 0) {
      open.push_back((*it)[2]);
    }
  }
  return open.empty();
}

ParetoPanel panel(int variants, int per_variant) {
  ParetoPanel result{{.dataset = "cifar100", .epochs = 15, .val_size = 5000}, {}};
  for (int v = 0; v < variants; ++v) {
    for (int i = 0; i < per_variant; ++i) {
      ParetoPoint p;
      p.sweep = SweepId{1};
      p.point = "1/" + std::to_string(result.points.size());
      p.variant = "v" + std::to_string(v);
      p.lr = 0.001 * (i + 1);
      p.label_smoothing = 0.1;
      p.n_seeds = 1;
      p.params = 500'000 * (v + 1);
      p.score = 0.4 + 0.03 * v - 0.011 * std::abs(i - per_variant / 2);
      result.points.push_back(p);
    }
  }
  mark_front(result);
  return result;
}

TEST(ParetoSvg, FiveVariantsAreNamedBesideTheirPointsWithoutALegend) {
  const std::string svg = pareto_svg({panel(5, 9)});
  EXPECT_TRUE(is_well_formed(svg));
  for (int v = 0; v < 5; ++v) EXPECT_EQ(count(svg, ">v" + std::to_string(v) + " · "), 1u) << v;
  EXPECT_EQ(count(svg, ">v0</text>"), 0u);
  EXPECT_EQ(count(svg, "<title>1/"), 45u) << "a marker a point";
  EXPECT_NE(svg.find("viewBox=\"0 0 960 "), std::string::npos);
  EXPECT_NE(svg.find("45 points, 5 on the front"), std::string::npos);
}

TEST(ParetoSvg, NothingToShowIsSaid) {
  for (const auto& panels : {std::vector<ParetoPanel>{}, std::vector<ParetoPanel>{panel(0, 0)}}) {
    const std::string svg = pareto_svg(panels);
    EXPECT_TRUE(is_well_formed(svg));
    EXPECT_NE(svg.find("No finished trials yet"), std::string::npos);
  }
}

TEST(ParetoSvg, OnePointIsDrawn) {
  const std::string svg = pareto_svg({panel(1, 1)});
  EXPECT_TRUE(is_well_formed(svg));
  EXPECT_EQ(count(svg, "<title>1/0"), 1u);
  EXPECT_EQ(count(svg, "nan"), 0u);
  EXPECT_EQ(count(svg, "inf"), 0u);
}

TEST(ParetoSvg, ManyVariantsGetALegendWhereLabelsFindNoRoom) {
  const std::string svg = pareto_svg({panel(60, 8)});
  EXPECT_TRUE(is_well_formed(svg));
  EXPECT_EQ(count(svg, ">v0</text>"), 1u);
  EXPECT_EQ(count(svg, ">v59</text>"), 1u);
}

TEST(ParetoSvg, EveryBoardHasAPanelOfItsOwn) {
  ParetoPanel other = panel(2, 2);
  other.board.dataset = "fashion_mnist";
  other.board.trainer = "simulated";
  const std::string svg = pareto_svg({panel(2, 2), other});
  EXPECT_EQ(count(svg, "<g transform="), 2u);
  EXPECT_NE(svg.find("fashion_mnist, SIMULATED"), std::string::npos);
}

TEST(ParetoSvg, NamesAreEscaped) {
  ParetoPanel odd = panel(1, 1);
  odd.points[0].variant = "<v & \"1\">";
  const std::string svg = pareto_svg({odd});
  EXPECT_TRUE(is_well_formed(svg));
  EXPECT_NE(svg.find("&lt;v &amp; &quot;1&quot;&gt;"), std::string::npos);
}

TEST(ParetoSvg, FrontIsToldToScreenReaders) {
  const std::string svg = pareto_svg({panel(1, 1)});
  EXPECT_NE(svg.find("v0 with 500,000 parameters reaches 40.00 %."), std::string::npos);
  EXPECT_NE(svg.find("aria-labelledby=\"title description\""), std::string::npos);
}

}  // namespace
}  // namespace firesweep
