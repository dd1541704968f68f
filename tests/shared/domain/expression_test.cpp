#include "shared/domain/expression.h"

#include <gtest/gtest.h>

#include <string>

namespace firesweep {
namespace {

const std::map<std::string, Value> kParams = {{"head_dropout", 0.3},
                                              {"width", std::int64_t{64}},
                                              {"stage3", std::string("fire")},
                                              {"in", std::int64_t{7}}};

double value_of(std::string_view text) {
  const auto value = evaluate(text, {kParams, 32, 100}, "/here");
  EXPECT_TRUE(value) << to_string(value.error());
  return value.value_or(-12345);
}

std::string mistake_of(std::string_view text) {
  const auto value = evaluate(text, {kParams, 32, 100}, "/here");
  return value ? "none" : to_string(value.error());
}

TEST(Expression, FollowsTheRulesOfArithmetic) {
  EXPECT_EQ(value_of("6*in"), 192);
  EXPECT_EQ(value_of("1 + 2 * 3 - 4 / 2"), 5);
  EXPECT_EQ(value_of("(1 + 2) * -3"), -9);
  EXPECT_EQ(value_of("8/4/2"), 1);
  EXPECT_EQ(value_of("7/2"), 3.5);
  EXPECT_EQ(value_of("--2"), 2);
  EXPECT_EQ(value_of("1.5e2"), 150);
}

TEST(Expression, NamesTheScope) {
  EXPECT_EQ(value_of("classes"), 100);
  EXPECT_EQ(value_of("$head_dropout"), 0.3);
  EXPECT_EQ(value_of("2*$width"), 128);
  EXPECT_EQ(value_of("$in + in"), 39);
}

TEST(Expression, UnknownNamesSuggestWhatIsNear) {
  EXPECT_EQ(
      mistake_of("clases"),
      "/here: found the unknown name \"clases\" in \"clases\", expected arithmetic over numbers, "
      "in, classes and $PARAM (did you mean \"classes\"?)");
  EXPECT_NE(mistake_of("$head_dropuot").find("did you mean \"head_dropout\"?"), std::string::npos);
  EXPECT_NE(mistake_of("width").find("a parameter is written \"$width\""), std::string::npos);
}

TEST(Expression, MistakesSayWhatWasFound) {
  for (const auto& [text, found] : std::map<std::string, std::string>{
           {"", "end where a number was wanted"},
           {"1 +", "end where a number was wanted"},
           {"2 * x", "the unknown name \"x\""},
           {"(1", "no closing parenthesis"},
           {"1)", "a stray \")\""},
           {"1 2", "a stray \"2\""},
           {"4/(2-2)", "a division by zero"},
           {"$stage3", "the parameter \"$stage3\", which is no number but fire"},
           {"1e300*1e300", "no finite number"},
           {"$", "the unknown parameter \"$\""}}) {
    EXPECT_NE(mistake_of(text).find("found " + found + " in \"" + text + "\""), std::string::npos)
        << text << " → " << mistake_of(text);
  }
}

TEST(Expression, LengthIsBounded) {
  EXPECT_NE(mistake_of(std::string(100'000, '(')), "none");
  EXPECT_NE(mistake_of(std::string(200, '(')), "none");
  EXPECT_NE(mistake_of(std::string(200, '-')), "none");
}

}  // namespace
}  // namespace firesweep
