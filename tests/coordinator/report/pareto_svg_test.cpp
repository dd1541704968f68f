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

// What is read: without the white copies below labels.
std::string without_halos(const std::string& svg) {
  return std::regex_replace(svg, std::regex("<text[^>]*aria-hidden=\"true\">[^<]*</text>\n"), "");
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
  for (int v = 0; v < 5; ++v)
    EXPECT_EQ(count(without_halos(svg), ">v" + std::to_string(v) + " · "), 1u) << v;
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

// Issue 13, rough-small-things: a picture of 240,000 points had 48 MB.
TEST(ParetoSvg, OfManyPointsThoseOnOnePixelAreDrawnOnce) {
  ParetoPanel many = panel(5, 40'000);
  for (std::size_t i = 0; i < many.points.size(); ++i)
    many.points[i].score = 0.4 + 0.1 * static_cast<double>(i % 1000) / 1000;
  mark_front(many);
  const std::string svg = pareto_svg({many});
  EXPECT_LT(svg.size(), 2'000'000u);
  EXPECT_NE(svg.find("200000 points"), std::string::npos) << "all are counted";
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

// Issue 13, kind 9: simple renderers know no paint-order and would paint the outline over the text.
TEST(ParetoSvg, LabelsReadInRenderersThatKnowNoPaintOrder) {
  const std::string svg = pareto_svg({panel(5, 9)});
  EXPECT_EQ(svg.find("paint-order"), std::string::npos);
  const std::regex label(
      "(<text[^>]*aria-hidden=\"true\")>(v[0-9] · [^<]*)</text>\n"
      "<text([^>]*)>([^<]*)</text>");
  std::size_t labels = 0;
  for (std::sregex_iterator it(svg.begin(), svg.end(), label), end; it != end; ++it, ++labels) {
    EXPECT_EQ((*it)[2], (*it)[4]) << "the outline's copy stands right below its text";
    EXPECT_EQ((*it)[3].str().find("stroke"), std::string::npos);
  }
  EXPECT_EQ(labels, 5u);
}

ParetoPanel cifar100() { return panel(5, 3); }  // 0.5 M to 2.5 M parameters

TEST(ParetoSvg, PublishedPointsWithinTheRangeAreHollowMarksWithNameAndSource) {
  const ParetoPanel ours = cifar100();
  const auto references = References::choose("auto", {ours});
  ASSERT_TRUE(references);
  const std::string svg = pareto_svg({ours}, *references);
  EXPECT_TRUE(is_well_formed(svg));
  const std::string read = without_halos(svg);
  EXPECT_EQ(count(read, ">squeezenet · 69.41 %<"), 1u);
  EXPECT_EQ(count(read, ">study v3, 50 epochs · 55.11 %<"), 1u);
  EXPECT_EQ(count(svg, "<title>squeezenet, 69.41 %, 780,000 parameters. Published: "), 1u);
  EXPECT_EQ(count(read, "resnet34"), 0u) << "beyond the sweep's own sizes";
  EXPECT_EQ(count(read,
                  "pytorch-cifar100, SGD, 200 epochs, test accuracy (4 of 9 lie outside this "
                  "range)</text>"),
            1u);
  EXPECT_EQ(count(svg, "nan"), 0u);
}

TEST(ParetoSvg, AllPublishedPointsAreDrawnWhereAskedFor) {
  const ParetoPanel ours = cifar100();
  const auto references = References::choose("all", {ours});
  ASSERT_TRUE(references);
  const std::string svg = pareto_svg({ours}, *references);
  EXPECT_EQ(count(svg, "<title>resnet34, 76.76 %"), 1u);
  EXPECT_EQ(count(svg, "lie outside"), 0u);
}

TEST(ParetoSvg, PublishedPointsDoNotEnterTheFront) {
  const ParetoPanel ours = cifar100();
  const auto references = References::choose("all", {ours});
  ASSERT_TRUE(references);
  const std::string svg = pareto_svg({ours}, *references);
  EXPECT_NE(svg.find("15 points, 5 on the front"), std::string::npos);
}

}  // namespace
}  // namespace firesweep
