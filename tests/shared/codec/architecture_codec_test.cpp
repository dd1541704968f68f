#include "shared/codec/architecture_codec.h"

#include <gtest/gtest.h>

#include <string>

namespace firesweep {
namespace {

std::string file_of(const std::string& blocks, const std::string& more = "") {
  return R"({"format": 1, "name": "net", "input": [3, 32, 32])" + more + R"(, "blocks": [)" +
         blocks + "]}";
}

Architecture decoded(const std::string& text, const std::string& file = "net.json") {
  const auto architecture = decode_architecture(text, file);
  EXPECT_TRUE(architecture) << to_string(architecture.error());
  return architecture.value_or(Architecture{});
}

std::string mistake_of(const std::string& text) {
  const auto architecture = decode_architecture(text, "net.json");
  return architecture ? "none" : to_string(architecture.error());
}

TEST(ArchitectureCodec, ReadsEveryKindOfBlock) {
  const Architecture net = decoded(file_of(
      R"({"conv": "6*in", "kernel": 1, "stride": 2, "padding": 0, "groups": "in", "bias": false}, "bn",
         {"act": "silu"}, {"max_pool": 3, "stride": 2, "padding": 1}, {"avg_pool": 2},
         {"conv_bn_relu": 64, "act": "relu6", "norm": "none", "bias": false},
         {"fire": {"squeeze": 8, "expand1x1": 32, "expand3x3": 32, "act": "silu"}},
         {"residual": [{"conv": 8}], "shortcut": [{"conv": 8, "kernel": 1}], "post": "relu"},
         {"residual": ["bn"], "shortcut": "project_if_needed"},
         {"concat": [[{"conv": 8}], ["bn", {"conv": 9}]]},
         {"repeat": 2, "blocks": ["bn"]},
         {"choice": "$stage", "of": {"a": [], "b": ["bn"]}},
         "global_avg_pool", "flatten", {"dropout": "$p"}, {"linear": "classes"})",
      R"(, "params": {"p": 0.3, "stage": "a"})"));
  ASSERT_EQ(net.blocks.size(), 16u);
  EXPECT_EQ(net.input, (Shape{3, 32, 32}));
  EXPECT_EQ(net.params.at("stage"), Value(std::string("a")));

  const Block& conv = net.blocks[0];
  EXPECT_EQ(conv.kind, "conv");
  EXPECT_EQ(conv.where, "/blocks/0");
  EXPECT_EQ(conv.numbers.at("value"), Quantity("6*in"));
  EXPECT_EQ(conv.numbers.at("stride"), Quantity(2.0));
  EXPECT_EQ(conv.flags.at("bias"), false);
  EXPECT_EQ(net.blocks[2].words.at("act"), "silu");
  EXPECT_EQ(net.blocks[5].kind, "conv_bn_relu");
  EXPECT_EQ(net.blocks[5].words.at("act"), "relu6");
  EXPECT_EQ(net.blocks[6].numbers.at("expand3x3"), Quantity(32.0));
  EXPECT_EQ(net.blocks[6].words.at("act"), "silu");
  EXPECT_EQ(net.blocks[7].words.at("post"), "relu");
  ASSERT_TRUE(net.blocks[7].shortcut);
  EXPECT_EQ(net.blocks[7].shortcut->front().where, "/blocks/7/shortcut/0");
  EXPECT_EQ(net.blocks[7].children.front().front().where, "/blocks/7/residual/0");
  EXPECT_EQ(net.blocks[8].words.at("shortcut"), "project_if_needed");
  ASSERT_EQ(net.blocks[9].children.size(), 2u);
  EXPECT_EQ(net.blocks[9].children[1][1].where, "/blocks/9/concat/1/1");
  EXPECT_EQ(net.blocks[10].numbers.at("value"), Quantity(2.0));
  EXPECT_EQ(net.blocks[10].children.front().front().kind, "bn");
  EXPECT_EQ(net.blocks[11].words.at("choice"), "stage");
  EXPECT_TRUE(net.blocks[11].alternatives.at("a").empty());
  EXPECT_EQ(net.blocks[14].numbers.at("value"), Quantity("$p"));
}

TEST(ArchitectureCodec, CanonicalTextReadsBackAsTheSame) {
  const Architecture net =
      decoded(file_of(R"({"conv": 8}, "global_avg_pool", {"linear": "classes"})",
                      R"(, "params": {"b": 1, "a": 0.5})"));
  const Architecture again = decoded(net.canonical);
  EXPECT_EQ(again.name, "net") << "by its file's name";
  EXPECT_EQ(again.canonical, net.canonical);
  EXPECT_EQ(again.hash, net.hash);
  EXPECT_EQ(again.params, net.params);
}

TEST(ArchitectureCodec, HashIsOfTheContent) {
  const Architecture net = decoded(file_of(R"({"conv": 8, "kernel": 1})"));
  EXPECT_EQ(net.hash.size(), 64u);
  EXPECT_EQ(decoded("// comment\n" + file_of(R"({"kernel": 1,   "conv": 8})")).hash, net.hash);
  EXPECT_NE(decoded(file_of(R"({"conv": 9, "kernel": 1})")).hash, net.hash);
  std::string renamed = file_of(R"({"conv": 8, "kernel": 1})");
  renamed.replace(renamed.find("net"), 3, "ten");
  EXPECT_EQ(decoded(renamed).hash, net.hash);
}

TEST(ArchitectureCodec, YamlIsAsGood) {
  const Architecture yaml =
      decoded("format: 1\ninput: [3, 32, 32]\nblocks:\n  - conv: 8\n    kernel: 1\n", "net.yaml");
  EXPECT_EQ(yaml.hash, decoded(file_of(R"({"conv": 8, "kernel": 1})")).hash);
}

TEST(ArchitectureCodec, MistakesNameTheBlock) {
  const std::string kinds =
      "one of \"conv\", \"bn\", \"act\", \"max_pool\", \"avg_pool\", \"global_avg_pool\", "
      "\"flatten\", "
      "\"dropout\", \"linear\", \"conv_bn_relu\", \"fire\", \"residual\", \"concat\", \"repeat\", "
      "\"choice\"";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"convv": 8})", "/blocks/0: found a block of unknown kind \"convv\", expected " + kinds +
                              " (did you mean \"conv\"?)"},
      {R"("flaten")", "/blocks/0: found a block of unknown kind \"flaten\", expected " + kinds +
                          " (did you mean \"flatten\"?)"},
      {R"({})", "/blocks/0: found a block of unknown kind \"\", expected " + kinds},
      {R"(8)", "/blocks/0: found 8, expected a block, such as {\"conv\": 64} or \"flatten\""},
      {R"("conv")", "/blocks/0: found \"conv\", expected something beside it: {\"conv\": 64}"},
      {R"({"bn": 3})",
       "/blocks/0: found \"bn\" with a value, expected the bare word (write \"bn\")"},
      {R"({"conv": 8, "linear": 8})",
       "/blocks/0: found both \"conv\" and \"linear\", expected one kind of block"},
      {R"({"conv": 8, "kernal": 3})",
       "/blocks/0/kernal: unknown key, expected one of \"conv\", \"kernel\", \"stride\", "
       "\"padding\", "
       "\"groups\", \"bias\" (did you mean \"kernel\"?)"},
      {R"({"conv": [8]})", "/blocks/0/conv: found a list of 1, expected a number or an expression"},
      {R"({"conv": 8, "bias": 1})", "/blocks/0/bias: found 1, expected true or false"},
      {R"({"act": "gelu"})",
       "/blocks/0/act: found \"gelu\", expected one of \"relu\", \"relu6\", \"silu\" (did you mean "
       "\"relu\"?)"},
      {R"({"fire": 8})", "/blocks/0/fire: found 8, expected an object"},
      {R"({"fire": {"squeeze": 8, "expand1x1": 8}})",
       "/blocks/0/fire/expand3x3: missing, expected a number or an expression"},
      {R"({"residual": []})", "/blocks/0/residual: found an empty list, expected a list of blocks"},
      {R"({"residual": ["bn"], "shortcut": "identiy"})",
       "/blocks/0/shortcut: found \"identiy\", expected one of \"identity\", \"identity_if_same\", "
       "\"project_if_needed\" (did you mean \"identity\"?)"},
      {R"({"residual": ["bn"], "shortcut": 1})",
       "/blocks/0/shortcut: found 1, expected one of \"identity\", \"identity_if_same\", "
       "\"project_if_needed\" or a list of blocks"},
      {R"({"residual": [{"conv": 8}, {"residual": [{"cnov": 8}]}]})",
       "/blocks/0/residual/1/residual/0: found a block of unknown kind \"cnov\", expected " +
           kinds + " (did you mean \"conv\"?)"},
      {R"({"concat": ["bn"]})", "/blocks/0/concat/0: found \"bn\", expected a list of blocks"},
      {R"({"repeat": 2})", "/blocks/0/blocks: missing, expected a list of blocks"},
      {R"({"choice": "stage", "of": {"a": []}})",
       "/blocks/0/choice: found \"stage\", expected a parameter of the file, such as \"$stage\""},
      {R"({"choice": "$stage"})",
       "/blocks/0/of: missing, expected an object of named lists of blocks"},
  };
  for (const auto& [blocks, message] : cases) {
    EXPECT_EQ(mistake_of(file_of(blocks)), "net.json: " + message) << blocks;
  }
}

TEST(ArchitectureCodec, MistakesOfTheFile) {
  EXPECT_EQ(mistake_of(R"({"format": 2, "input": [3, 32, 32], "blocks": ["bn"]})"),
            "net.json: /format: found 2, expected a whole number in [1, 1]");
  EXPECT_EQ(mistake_of(R"({"input": [3, 32, 32], "blocks": ["bn"]})"),
            "net.json: /format: missing, expected 1");
  EXPECT_EQ(mistake_of(R"({"format": 1, "blocks": ["bn"]})"),
            "net.json: /input: missing, expected [channels, height, width]");
  EXPECT_EQ(mistake_of(R"({"format": 1, "input": [3, 32], "blocks": ["bn"]})"),
            "net.json: /input: found a list of 2, expected [channels, height, width]");
  EXPECT_EQ(mistake_of(R"({"format": 1, "input": [3, 32, 1e9], "blocks": ["bn"]})"),
            "net.json: /input/2: found 1e+09, expected a whole number in [1, 4096]");
  EXPECT_EQ(mistake_of(R"({"format": 1, "input": [3, 32, 32], "blocks": []})"),
            "net.json: /blocks: found an empty list, expected a list of blocks");
  EXPECT_EQ(mistake_of(file_of("\"bn\"", R"(, "params": {"a b": 1})")),
            "net.json: /params/a b: found the name \"a b\", expected letters, digits and _");
  EXPECT_EQ(mistake_of(R"({"format": 1, "name": "a/b", "input": [3, 32, 32], "blocks": ["bn"]})"),
            "net.json: /name: found \"a/b\", expected 1 to 64 letters, digits, dots, - and _");
}

}  // namespace
}  // namespace firesweep
