#include <gtest/gtest.h>

#include <string>

#include "shared/domain/architecture.h"

namespace firesweep {
namespace {

Block block(std::string kind, std::map<std::string, Quantity> numbers = {},
            std::map<std::string, std::string> words = {}) {
  Block made;
  made.kind = std::move(kind);
  made.numbers = std::move(numbers);
  made.words = std::move(words);
  return made;
}

// Blocks learn their places as a file would give them.
Architecture network(Blocks blocks, std::map<std::string, Value> params = {}) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    blocks[i].where = "/blocks/" + std::to_string(i);
  }
  return {"net", {3, 32, 32}, std::move(params), std::move(blocks), "", "hash"};
}

const Block kPool = block("global_avg_pool");
const Block kHead = block("linear", {{"value", "classes"}});

Result<ResolvedArchitecture> resolved(Blocks blocks, std::map<std::string, Value> params = {},
                                      std::map<std::string, Value> overrides = {}) {
  return resolve(network(std::move(blocks), std::move(params)), 100, overrides);
}

std::string mistake_of(Blocks blocks, std::map<std::string, Value> params = {},
                       std::map<std::string, Value> overrides = {}) {
  const auto result = resolved(std::move(blocks), std::move(params), std::move(overrides));
  return result ? "none" : to_string(result.error());
}

Block residual(Blocks body) {
  Block made = block("residual");
  made.children.push_back(std::move(body));
  return made;
}

TEST(Resolve, ShapesFlowFromBlockToBlock) {
  const auto net = resolved({block("conv", {{"value", 8.0}, {"stride", 2.0}}),
                             block("max_pool", {{"value", 3.0}, {"stride", 2.0}, {"padding", 1.0}}),
                             block("flatten"), kHead});
  ASSERT_TRUE(net) << to_string(net.error());
  EXPECT_EQ(to_string(net->layers[0].output), "8×16×16");
  EXPECT_EQ(to_string(net->layers[1].output), "8×8×8");
  EXPECT_EQ(to_string(net->layers[2].output), "512");
  EXPECT_EQ(net->layers[3].op, LayerOp(Linear{512, 100}));
  EXPECT_EQ(net->hash, "hash");
}

TEST(Resolve, ConvolutionTakesItsDefaults) {
  const auto net = resolved({block("conv", {{"value", 8.0}, {"kernel", 5.0}}), kPool, kHead});
  ASSERT_TRUE(net);
  EXPECT_EQ(net->layers[0].op, LayerOp(Conv{3, 8, 5, 1, 2, 1, true}));
}

TEST(Resolve, MacrosBecomeNamedSequences) {
  const auto net = resolved(
      {block("conv_bn_relu", {{"value", "2*$width"}}),
       block("fire", {{"squeeze", 4.0}, {"expand1x1", 8.0}, {"expand3x3", 16.0}}), kPool, kHead},
      {{"width", std::int64_t{16}}});
  ASSERT_TRUE(net) << to_string(net.error());
  std::vector<std::string> paths;
  for (const LayerRow& row : layer_table(*net)) paths.push_back(row.path);
  EXPECT_EQ(paths,
            (std::vector<std::string>{"0.conv", "0.bn", "0.relu", "1.squeeze.conv", "1.squeeze.bn",
                                      "1.squeeze.relu", "1.expand.0.expand1x1.conv",
                                      "1.expand.0.expand1x1.bn", "1.expand.0.expand1x1.relu",
                                      "1.expand.1.expand3x3.conv", "1.expand.1.expand3x3.bn",
                                      "1.expand.1.expand3x3.relu", "1.expand", "2", "3"}));
  EXPECT_EQ(to_string(net->layers[1].output), "24×32×32");
}

TEST(Resolve, MacrosLeaveOutWhatTheirWordsForbid) {
  Block bare = block("conv_bn_relu", {{"value", 8.0}}, {{"norm", "none"}, {"act", "none"}});
  bare.flags["bias"] = false;
  const auto net = resolved({bare, kPool, kHead});
  ASSERT_TRUE(net);
  const auto& group = std::get<Sequence>(net->layers[0].op);
  ASSERT_EQ(group.layers.size(), 1u);
  EXPECT_FALSE(std::get<Conv>(group.layers[0].op).bias);
}

TEST(Resolve, LinearOnAnImageIsRefusedWithAHint) {
  EXPECT_EQ(mistake_of({block("conv", {{"value", 8.0}}), kHead}),
            "net: /blocks/1: linear found the shape 8×32×32, expected a flat one "
            "(put \"flatten\" or \"global_avg_pool\" before it)");
}

TEST(Resolve, ImageBlocksOnAFlatShapeAreRefused) {
  for (const char* kind :
       {"conv", "bn", "max_pool", "global_avg_pool", "flatten", "conv_bn_relu"}) {
    EXPECT_EQ(mistake_of({block("flatten"), block(kind, {{"value", 2.0}})}),
              "net: /blocks/1: " + std::string(kind) +
                  " found the flat shape 3072, expected channels×height×width");
  }
}

TEST(Resolve, TheNetworkMustEndWithOneScorePerClass) {
  EXPECT_EQ(mistake_of({kPool, block("linear", {{"value", 10.0}})}),
            "net: /blocks/1: the network ends with the shape 10, expected 100, one score per class "
            "(end with {\"linear\": \"classes\"})");
  EXPECT_NE(mistake_of({block("conv", {{"value", 100.0}})}), "none");
}

TEST(Resolve, ResidualShapesThatDifferNameBoth) {
  EXPECT_EQ(
      mistake_of({residual({block("conv", {{"value", 8.0}})}), kPool, kHead}),
      "net: /blocks/0: the body turns 3×32×32 into 8×32×32, which cannot be added to its input "
      "(give a \"shortcut\": a list of blocks, \"project_if_needed\" or \"identity_if_same\")");
  Block wrong = residual({block("conv", {{"value", 8.0}})});
  wrong.shortcut = Blocks{block("conv", {{"value", 9.0}})};
  EXPECT_EQ(
      mistake_of({wrong, kPool, kHead}),
      "net: /blocks/0: the body gives 8×32×32 and the shortcut 9×32×32, which cannot be added");
}

TEST(Resolve, ProjectionFindsStrideAndChannels) {
  Block down = residual({block("conv", {{"value", 8.0}, {"stride", 2.0}})});
  down.words["shortcut"] = "project_if_needed";
  down.words["post"] = "relu";
  const auto net = resolved({down, kPool, kHead});
  ASSERT_TRUE(net) << to_string(net.error());
  const auto& made = std::get<Residual>(net->layers[0].op);
  EXPECT_TRUE(made.post_relu);
  ASSERT_EQ(made.shortcut.size(), 2u);
  EXPECT_EQ(made.shortcut[0].op, LayerOp(Conv{3, 8, 1, 2, 0, 1, false}));
  EXPECT_EQ(made.shortcut[0].name, "conv");
}

TEST(Resolve, ProjectionIsLeftOutWhereShapesAgree) {
  Block same = residual({block("conv", {{"value", "in"}})});
  same.words["shortcut"] = "project_if_needed";
  const auto net = resolved({same, kPool, kHead});
  ASSERT_TRUE(net);
  EXPECT_TRUE(std::get<Residual>(net->layers[0].op).shortcut.empty());
}

TEST(Resolve, IdentityIfSameDropsTheShortcutWhereShapesDiffer) {
  Block made = residual({block("conv", {{"value", 8.0}})});
  made.words["shortcut"] = "identity_if_same";
  const auto net = resolved({made, kPool, kHead});
  ASSERT_TRUE(net) << to_string(net.error());
  EXPECT_EQ(std::get<Sequence>(net->layers[0].op).layers.size(), 1u);
}

TEST(Resolve, BranchesOfDifferentSizeCannotBeJoined) {
  Block made = block("concat");
  made.children = {{block("conv", {{"value", 8.0}})}, {block("max_pool", {{"value", 2.0}})}};
  EXPECT_EQ(mistake_of({made, kPool, kHead}),
            "net: /blocks/0: branch 0 gives 8×32×32 and branch 1 3×16×16, which cannot be joined "
            "along channels");
}

TEST(Resolve, RepeatSeesItsOwnChannels) {
  Block made = block("repeat", {{"value", 3.0}});
  made.children = {{block("conv", {{"value", "2*in"}, {"kernel", 1.0}})}};
  const auto net = resolved({made, kPool, kHead});
  ASSERT_TRUE(net) << to_string(net.error());
  const auto& layers = std::get<Sequence>(net->layers[0].op).layers;
  ASSERT_EQ(layers.size(), 3u);
  EXPECT_EQ(layers[2].name, "2");
  EXPECT_EQ(layers[2].output.channels, 24);
}

TEST(Resolve, ChoiceFollowsItsParameter) {
  Block made = block("choice", {}, {{"choice", "stage"}});
  made.alternatives = {{"none", {}}, {"wide", {block("conv", {{"value", 9.0}})}}};
  const std::map<std::string, Value> params = {{"stage", std::string("wide")}};
  const auto wide = resolved({made, kPool, kHead}, params);
  ASSERT_TRUE(wide) << to_string(wide.error());
  EXPECT_EQ(wide->layers[0].output.channels, 9);
  const auto none = resolved({made, kPool, kHead}, params, {{"stage", std::string("none")}});
  ASSERT_TRUE(none);
  ASSERT_EQ(none->layers.size(), 2u);
  EXPECT_EQ(none->layers[0].name, "1") << "names follow the file even where a block vanishes";
  EXPECT_EQ(mistake_of({made, kPool, kHead}, params, {{"stage", std::string("wied")}}),
            "net: /blocks/0/of: the parameter \"$stage\" is \"wied\", expected one of \"none\", "
            "\"wide\" (did you mean \"wide\"?)");
}

TEST(Resolve, OverridesMustNameAParameterOfTheFile) {
  EXPECT_EQ(mistake_of({kPool, kHead}, {{"head_dropout", 0.3}}, {{"head_dropuot", 0.1}}),
            "arch.head_dropuot: the architecture net has no parameter \"head_dropuot\", expected "
            "head_dropout (did you mean \"head_dropout\"?)");
  EXPECT_EQ(mistake_of({kPool, kHead}, {{"p", 0.3}}, {{"p", std::string("x")}}),
            "arch.p: found \"x\", expected a value like 0.3, the default in net");
}

TEST(Resolve, OneDropoutMayReplaceThemAll) {
  const Architecture net = network(
      {block("dropout", {{"value", 0.2}}), kPool, block("dropout", {{"value", "$p"}}), kHead},
      {{"p", 0.3}});
  const auto own = resolve(net, 100);
  ASSERT_TRUE(own);
  EXPECT_EQ(own->layers[2].op, LayerOp(Dropout{0.3}));
  const auto replaced = resolve(net, 100, {}, 0.0);
  ASSERT_TRUE(replaced);
  EXPECT_EQ(replaced->layers[0].op, LayerOp(Dropout{0.0}));
  EXPECT_EQ(replaced->layers[2].op, LayerOp(Dropout{0.0}));
}

TEST(Resolve, NumbersMustBeWholeAndInRange) {
  EXPECT_EQ(mistake_of({block("conv", {{"value", "in/2"}})}),
            "net: /blocks/0/conv: found 1.5 from \"in/2\", expected a whole number in [1, 65536]");
  EXPECT_EQ(mistake_of({block("conv", {{"value", 1e18}})}),
            "net: /blocks/0/conv: found 1e+18, expected a whole number in [1, 65536]");
  EXPECT_EQ(mistake_of({block("conv", {{"value", 8.0}, {"stride", 0.0}})}),
            "net: /blocks/0/stride: found 0, expected a whole number in [1, 512]");
  EXPECT_EQ(mistake_of({block("dropout", {{"value", 1.0}}), kPool, kHead}),
            "net: /blocks/0/dropout: found 1, expected a number in [0, 1)");
  EXPECT_EQ(
      mistake_of({block("fire", {{"squeeze", -1.0}, {"expand1x1", 8.0}, {"expand3x3", 8.0}})}),
      "net: /blocks/0/fire/squeeze: found -1, expected a whole number in [1, 65536]");
  EXPECT_EQ(mistake_of({block("max_pool", {{"value", 0.0}})}),
            "net: /blocks/0/max_pool: found 0, expected a whole number in [1, 512]");
}

TEST(Resolve, GroupsMustDivideBothSides) {
  EXPECT_EQ(
      mistake_of({block("conv", {{"value", 8.0}, {"groups", 3.0}})}),
      "net: /blocks/0/groups: found 3 groups, expected a divisor of both 3 channels coming in "
      "and 8 going out");
}

TEST(Resolve, KernelsMustFit) {
  EXPECT_EQ(mistake_of({block("conv", {{"value", 8.0}, {"kernel", 35.0}, {"padding", 0.0}})}),
            "net: /blocks/0: a kernel of 35 does not fit into 3×32×32 padded by 0");
}

TEST(Resolve, RepeatsThatMultiplyAreBounded) {
  Blocks body = {block("act", {}, {{"act", "relu"}})};
  for (int i = 0; i < 6; ++i) {
    Block again = block("repeat", {{"value", 1000.0}});
    again.children = {body};
    body = {again};
  }
  EXPECT_NE(mistake_of(body).find("the network grows above 10000 blocks"), std::string::npos);
}

TEST(Resolve, EmptyRepeatsThatMultiplyAreBounded) {
  Block nothing = block("choice", {}, {{"choice", "stage"}});
  nothing.alternatives = {{"none", {}}};
  Blocks body = {nothing};
  for (int i = 0; i < 6; ++i) {
    Block again = block("repeat", {{"value", 1000.0}});
    again.children = {body};
    body = {again};
  }
  EXPECT_NE(mistake_of(body, {{"stage", std::string("none")}}).find("10000 blocks"),
            std::string::npos);
}

TEST(Resolve, DepthIsBounded) {
  Blocks body = {block("act", {}, {{"act", "relu"}})};
  for (int i = 0; i < 40; ++i) body = {residual(body)};
  EXPECT_NE(mistake_of(body).find("blocks are nested deeper than 32"), std::string::npos);
}

// A message holds what a file may ask for (shared/wire decodes with the same limits).
TEST(Resolve, LayersOfMacroBlocksCount) {
  Block again = block("repeat", {{"value", 999.0}});
  again.children = {{block("fire", {{"squeeze", 1.0}, {"expand1x1", 1.0}, {"expand3x3", 1.0}})}};
  EXPECT_EQ(mistake_of({again, kPool, kHead}),
            "net: /blocks: the network has 13989 layers, expected at most 10000");
}

TEST(Resolve, DepthOfMacroBlocksCounts) {
  Blocks body = {block("fire", {{"squeeze", 1.0}, {"expand1x1", 1.0}, {"expand3x3", 2.0}})};
  for (int i = 0; i < 30; ++i) body = {residual(body)};
  body.push_back(kPool);
  body.push_back(kHead);
  EXPECT_EQ(mistake_of(body), "net: /blocks: layers are nested 34 deep, expected at most 32");
}

TEST(Resolve, BranchesAreBounded) {
  Block many = block("concat");
  many.children.resize(257);
  EXPECT_EQ(mistake_of({many}), "net: /blocks/0: found 257 branches, expected at most 256");
}

TEST(Resolve, HugeLayersAreRefusedBeforeTheyOverflow) {
  EXPECT_NE(mistake_of({block("conv", {{"value", 65536.0}}),
                        block("conv", {{"value", 65536.0}, {"kernel", 511.0}})})
                .find("is too large"),
            std::string::npos);
}

}  // namespace
}  // namespace firesweep
