#include "shared/domain/layers.h"

#include <gtest/gtest.h>

#include <limits>

namespace firesweep {
namespace {

ResolvedArchitecture of(Layers layers) { return {"x", "", {3, 8, 8}, 10, std::move(layers)}; }

TEST(Shape, TextNamesEverySide) {
  EXPECT_EQ(to_string(Shape{64, 16, 8}), "64×16×8");
  EXPECT_EQ(to_string(Shape{512, 0, 0}), "512");
}

TEST(Cost, ConvolutionCountsGroupsBiasAndOutputPixels) {
  const Cost cost = cost_of(of({{"0", Conv{4, 8, 3, 2, 1, 2, true}, {8, 4, 4}}}));
  EXPECT_EQ(cost.params, 8 * 2 * 9 + 8);
  EXPECT_EQ(cost.macs, 8 * 2 * 9 * 16);
}

TEST(Cost, BatchNormHasParametersAndNoMacs) {
  const Cost cost = cost_of(of({{"0", BatchNorm{5}, {5, 8, 8}}}));
  EXPECT_EQ(cost.params, 10);
  EXPECT_EQ(cost.macs, 0);
}

TEST(Cost, LinearCountsItsBiasAsParameterOnly) {
  const Cost cost = cost_of(of({{"0", Linear{7, 10}, {10, 0, 0}}}));
  EXPECT_EQ(cost.params, 80);
  EXPECT_EQ(cost.macs, 70);
}

TEST(Cost, CountsBodiesShortcutsAndBranches) {
  const Layer conv{"c", Conv{3, 3, 1, 1, 0, 1, false}, {3, 8, 8}};
  EXPECT_EQ(cost_of(of({{"0", Residual{{conv}, {conv}, true}, {3, 8, 8}}})).params, 18);
  EXPECT_EQ(cost_of(of({{"0", Concat{{{conv}, {conv}, {}}}, {9, 8, 8}}})).params, 18);
  EXPECT_EQ(cost_of(of({{"0", Sequence{{conv}}, {3, 8, 8}}})).params, 9);
}

TEST(Cost, AbsurdTreesSaturateInsteadOfOverflowing) {
  constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  const Cost cost = cost_of(of({{"0", Conv{kHuge, kHuge, 1, 1, 0, 1, true}, {kHuge, 8, 8}},
                                {"1", Linear{kHuge, kHuge}, {kHuge, 0, 0}}}));
  EXPECT_EQ(cost.params, std::numeric_limits<std::int64_t>::max());
}

TEST(LayerTable, NamesEveryLeafByItsPathInTheStateDict) {
  const Layer conv{"conv", Conv{3, 3, 3, 1, 1, 1, true}, {3, 8, 8}};
  const auto rows = layer_table(of(
      {{"0", Sequence{{conv, {"relu", Activation{ActivationKind::kRelu}, {3, 8, 8}}}}, {3, 8, 8}},
       {"1", Residual{{conv}, {conv}, true}, {3, 8, 8}},
       {"2", Concat{{{conv}, {conv}}}, {6, 8, 8}}}));
  std::vector<std::string> paths;
  for (const LayerRow& row : rows) paths.push_back(row.path + " " + row.kind);
  EXPECT_EQ(paths, (std::vector<std::string>{"0.conv Conv2d", "0.relu ReLU", "1.body.conv Conv2d",
                                             "1.shortcut.conv Conv2d", "1 Add, ReLU",
                                             "2.0.conv Conv2d", "2.1.conv Conv2d", "2 Concat"}));
  EXPECT_EQ(rows[0].kernel, "3×3");
  EXPECT_EQ(rows[0].cost.params, 84);
}

}  // namespace
}  // namespace firesweep
