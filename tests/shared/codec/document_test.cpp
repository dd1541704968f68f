#include "shared/codec/document.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "shared/base/json_quote.h"
#include "shared/codec/json_text.h"

namespace firesweep {
namespace {

std::string mistake_of(std::string_view text, std::string_view file = "x.json") {
  const auto tree = parse_document(text, file);
  return tree ? "none" : to_string(tree.error());
}

std::string nested(int depth) {
  std::string text = "{\"a\":";
  for (int i = 1; i < depth; ++i) text += '[';
  text += '1';
  for (int i = 1; i < depth; ++i) text += ']';
  return text + "}";
}

TEST(Document, AVariableWithoutQuotesIsCalledOne) {
  const std::string said =
      ", expected a value (variables are not replaced: write the value itself; of a sweep file, "
      "--set can give it)";
  EXPECT_EQ(mistake_of("{\"a\": ${LR}}"), "x.json:1:7: found the variable ${LR}" + said);
  EXPECT_EQ(mistake_of("{\"a\": [1, $LR]}"), "x.json:1:11: found the variable $LR" + said);
  EXPECT_EQ(mistake_of("b: {a: ${LR}}\n", "x.yaml"), "x.yaml:1:9: found the variable ${LR}" + said);
  EXPECT_EQ(mistake_of("a: [1, ${LR}, 2]\n", "x.yaml"),
            "x.yaml:1:9: found the variable ${LR}" + said);
  EXPECT_EQ(mistake_of("a: \"${LR}\"\nb: [\n", "x.yaml").find("variable"), std::string::npos);
}

TEST(Document, CommentsAreAllowedInJson) {
  const auto tree = parse_document("// one\n{/* two */ \"a\": 1}", "x.json");
  ASSERT_TRUE(tree) << to_string(tree.error());
  EXPECT_EQ((*tree)["a"], 1);
}

TEST(Document, MarkCommentAndMissingEndingDoNotChangeTheReading) {
  const std::string mark = "\xEF\xBB\xBF";
  for (const char* text : {"{\"a\": 1}", "// one\n{\"a\": 1}", "/* one */ {\"a\": 1}"}) {
    for (const char* file : {"x.json", "x", "/dev/stdin"}) {
      const auto tree = parse_document(mark + text, file);
      ASSERT_TRUE(tree) << to_string(tree.error());
      EXPECT_EQ((*tree)["a"], 1);
    }
  }
  EXPECT_TRUE(parse_document(mark + "a: 1\n", "x.yaml"));
  EXPECT_TRUE(parse_document(mark + "# one\na: 1\n", "x"));
}

TEST(Document, AnotherEncodingIsNamed) {
  const std::string utf16("\xFF\xFE{\0\"\0a\0", 8);
  EXPECT_EQ(mistake_of(utf16).substr(0, 48), "x.json: found text in UTF-16, expected UTF-8 (sa");
  EXPECT_EQ(mistake_of(std::string("{\0\"\0", 4), "x.yaml").substr(0, 28),
            "x.yaml: found text in UTF-16");
  EXPECT_EQ(mistake_of("{\"a\":\n \"gr\xF6\xDF\"}").substr(0, 41),
            "x.json:2:5: found a byte that is not vali");
}

TEST(Document, WhatYamlCannotIsSaidWithTheNextStep) {
  EXPECT_NE(mistake_of("a:\n  b: 1\n\tc: 2\n", "x.yaml").find("line 3 begins with a tab"),
            std::string::npos)
      << mistake_of("a:\n  b: 1\n\tc: 2\n", "x.yaml");
  EXPECT_EQ(mistake_of("a: &p {x: 1}\nb:\n  <<: *p\n", "x.yaml"),
            "x.yaml:3:3: found a merge key (<<), which is not read (write out the members that it "
            "stands for)");
}

TEST(Document, KeysKeepTheirOrder) {
  const auto tree = parse_document(R"({"b": 1, "a": {"z": 1, "y": 2}})", "x.json");
  ASSERT_TRUE(tree);
  EXPECT_EQ(dump_json(*tree), R"({"b":1,"a":{"z":1,"y":2}})");
}

TEST(Document, SyntaxErrorsNameLineAndColumn) {
  EXPECT_EQ(mistake_of("{\n  \"a\": 1,\n  \"b\" 2\n}"),
            "x.json:3:7: this is not JSON: unexpected number literal; expected ':'");
  EXPECT_EQ(mistake_of("{\"a\": tru}").substr(0, 31), "x.json:1:10: this is not JSON: ");
  EXPECT_EQ(mistake_of("").substr(0, 30), "x.json:1:1: this is not JSON: ");
}

TEST(Document, TrailingTextIsRefused) {
  EXPECT_EQ(mistake_of("{} {}").substr(0, 11), "x.json:1:4:");
}

TEST(Document, DuplicateKeysNameTheirPlace) {
  EXPECT_EQ(mistake_of("{\n\"lr\": 1,\n\"lr\": 2}"), "x.json:3:4: the key \"lr\" occurs twice");
  EXPECT_EQ(mistake_of("a: 1\nb: 2\na: 3\n", "x.yaml"), "x.yaml:3:1: the key \"a\" occurs twice");
}

TEST(Document, EqualKeysOfDifferentObjectsAreFine) {
  EXPECT_EQ(mistake_of(R"({"a": {"x": 1}, "b": {"x": 1}, "c": [{"x": 1}, {"x": 1}]})"), "none");
}

TEST(Document, DepthIsBounded) {
  EXPECT_EQ(mistake_of(nested(kMaxTextDepth)), "none");
  EXPECT_EQ(mistake_of(nested(kMaxTextDepth + 1)), "x.json:1:69: values are nested deeper than 64");
  EXPECT_NE(mistake_of(nested(200'000)), "none");
  for (const int depth : {kMaxTextDepth + 1, 400, 2'000, 200'000}) {
    EXPECT_TRUE(mistake_of(nested(depth), "x.yaml").ends_with("values are nested deeper than 64"))
        << depth << ": " << mistake_of(nested(depth), "x.yaml");
  }
}

TEST(Document, SizeAndKeysAreBounded) {
  EXPECT_NE(mistake_of("{\"a\": \"" + std::string(kMaxDocumentBytes, 'x') + "\"}"), "none");
  std::string keys = "{";
  for (std::size_t i = 0; i <= kMaxObjectKeys; ++i) keys += "\"" + std::to_string(i) + "\":1,";
  keys.back() = '}';
  EXPECT_NE(mistake_of(keys).find("an object has more than 1000 keys"), std::string::npos);
}

TEST(Document, OnlyObjectsAreDocuments) {
  EXPECT_EQ(mistake_of("[1, 2]"), "x.json: found a list of 2, expected an object");
  EXPECT_EQ(mistake_of("just words", "x.yaml"), "x.yaml: found \"just words\", expected an object");
}

TEST(Document, YamlIsKnownByNameOrByItsText) {
  const auto named = parse_document("{a: 1}", "x.yml");
  ASSERT_TRUE(named) << to_string(named.error());
  EXPECT_EQ((*named)["a"], 1);
  const auto seen = parse_document("a: 1\n", "x");
  ASSERT_TRUE(seen);
  EXPECT_EQ((*seen)["a"], 1);
  EXPECT_EQ(mistake_of("a: 1\n", "x.json").substr(0, 11), "x.json:1:1:");
}

TEST(Document, YamlScalarsFollowTheCoreSchema) {
  const auto tree = parse_document(
      "a: 1\nb: 1e-3\nc: true\nd: 'true'\ne: \"1\"\nf: ~\ng: v3\nh: .nan\ni: -.5\nj: 0x\nk: 1.2.3\n"
      "l: !!str 5\nm: +3\n",
      "x.yaml");
  ASSERT_TRUE(tree) << to_string(tree.error());
  EXPECT_EQ((*tree)["a"], 1);
  EXPECT_TRUE((*tree)["a"].is_number_integer());
  EXPECT_EQ((*tree)["b"], 1e-3);
  EXPECT_EQ((*tree)["c"], true);
  EXPECT_EQ((*tree)["d"], "true");
  EXPECT_EQ((*tree)["e"], "1");
  EXPECT_TRUE((*tree)["f"].is_null());
  EXPECT_EQ((*tree)["g"], "v3");
  EXPECT_TRUE(std::isnan((*tree)["h"].get<double>()));
  EXPECT_EQ((*tree)["i"], -0.5);
  EXPECT_EQ((*tree)["j"], "0x");
  EXPECT_EQ((*tree)["k"], "1.2.3");
  EXPECT_EQ((*tree)["l"], "5");
  EXPECT_EQ((*tree)["m"], 3);
}

TEST(Document, YamlErrorsNameLineAndColumn) {
  EXPECT_EQ(mistake_of("a: [1, 2\nb: 3\n", "x.yaml").substr(0, 9), "x.yaml:2:");
  EXPECT_EQ(mistake_of("a: !python/object x\n", "x.yaml").substr(0, 12), "x.yaml:1:4: ");
  EXPECT_EQ(mistake_of("a: 1\n---\nb: 2\n", "x.yaml"),
            "x.yaml:2:1: found more text after the end of the document");
  EXPECT_EQ(mistake_of("", "x.yaml"), "x.yaml: found null, expected an object");
  EXPECT_EQ(
      mistake_of("a: \"\xff\"\n", "x.yaml"),
      "x.yaml:1:5: found a byte that is not valid UTF-8, expected text in UTF-8 (save it as UTF-8; "
      "from Latin-1, `iconv -f ISO-8859-1 -t UTF-8` does)");
}

TEST(Document, YamlAliasesThatMultiplyAreBounded) {
  std::string text = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) text += ", " + before;
    text += "]\n";
  }
  EXPECT_NE(mistake_of(text, "x.yaml").find("the text holds too many values"), std::string::npos);
}

TEST(Document, YamlAliasOfItsOwnParentIsRefused) {
  EXPECT_NE(mistake_of("a: &a [*a]\n", "x.yaml"), "none");
}

// yaml-cpp 0.7 yields documents for ever when asked for all of them.
TEST(Document, YamlStrayCommaIsRefused) {
  EXPECT_NE(mistake_of(",", "x.yaml"), "none");
  EXPECT_NE(mistake_of("a: 1\n,", "x.yaml"), "none");
}

TEST(Document, StemLeavesOutFoldersAndKnownEndings) {
  EXPECT_EQ(stem_of("sweeps/x.json"), "x");
  EXPECT_EQ(stem_of("a.b/v3.1.yaml"), "v3.1");
  EXPECT_EQ(stem_of("v3.1"), "v3.1");
}

TEST(JsonText, TheLibraryEscapesAsWeDo) {
  std::string text;
  for (char c = 1; c < 127; ++c) text += c;
  text += "\x7f ü € 😀";
  EXPECT_EQ(dump_json(Json(text)), json_quoted(text));
  EXPECT_EQ(dump_json(Json("\xff")), json_quoted("\xff"));
}

}  // namespace
}  // namespace firesweep
