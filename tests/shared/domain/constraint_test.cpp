#include "shared/domain/constraint.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace firesweep {
namespace {

TrialConfig config() {
  TrialConfig made;
  made.batch_size = 128;
  made.epochs = 15;
  made.lr = 0.003;
  made.optimizer = "adamw";
  made.drop_last = true;
  made.arch_params = {{"width", std::int64_t{64}}, {"stage", std::string("fire")}};
  return made;
}
const Cost kCost{1'000, 50'000, 4'200};

bool holds(std::string_view text) {
  const auto constraint = parse_constraint(text);
  if (!constraint) {
    ADD_FAILURE() << text << ": " << constraint.error().what;
    return false;
  }
  return satisfies(*constraint, config(), kCost);
}

TEST(Constraint, ComparesQuantitiesOfTheNetwork) {
  EXPECT_TRUE(holds("params <= 1_000"));
  EXPECT_FALSE(holds("params < 1000"));
  EXPECT_TRUE(holds("macs>4.9e4"));
  EXPECT_TRUE(holds("model_bytes == 4200"));
  EXPECT_TRUE(holds("2000 >= params"));
  EXPECT_TRUE(holds("macs / params == 50"));
}

TEST(Constraint, ComparesHyperparameters) {
  EXPECT_TRUE(holds("batch_size * epochs <= 1920"));
  EXPECT_FALSE(holds("batch_size * epochs + 1 <= 1920"));
  EXPECT_TRUE(holds("optimizer == 'adamw' and lr < 0.01"));
  EXPECT_FALSE(holds("optimizer != 'adamw' or lr >= 0.01"));
  EXPECT_TRUE(holds("drop_last == true"));
  EXPECT_TRUE(holds("drop_last"));
  EXPECT_FALSE(holds("not drop_last"));
  EXPECT_TRUE(holds("arch.width == 64 and arch.stage == 'fire'"));
}

TEST(Constraint, OperatorsBindAsInOtherLanguages) {
  EXPECT_TRUE(holds("1 + 2 * 3 == 7"));
  EXPECT_TRUE(holds("(1 + 2) * 3 == 9"));
  EXPECT_TRUE(holds("10 - 3 - 2 == 5"));
  EXPECT_TRUE(holds("-2 * -3 == 6"));
  EXPECT_TRUE(holds("true or true and false"));
  EXPECT_FALSE(holds("(true or true) and false"));
  EXPECT_TRUE(holds("not false and true"));
}

TEST(Constraint, AnAmountMayHaveBlanksInIt) {
  EXPECT_TRUE(holds("params < 1 001"));
  EXPECT_FALSE(holds("params < 1 000"));
  EXPECT_TRUE(holds("par ams<= 1_0_0_0"));
}

TEST(Constraint, NothingSatisfiesADivisionByZeroOrAnotherType) {
  EXPECT_FALSE(holds("params / (batch_size - 128) > 0"));
  EXPECT_FALSE(holds("params / (batch_size - 128) <= 0"));
  EXPECT_FALSE(holds("arch.stage < 5"));
  EXPECT_FALSE(holds("arch.none >= 0"));
}

TEST(Constraint, MistakesSayWhatIsWrong) {
  const std::pair<const char*, const char*> all[] = {
      {"", "it ends too early"},
      {"params", "it compares nothing"},
      {"params <", "it ends too early"},
      {"params < 5 6e", "found \"6e\" after its end"},
      {"params <= 1 <= 2", "found \"<= 2\" after its end"},
      {"macs <= 0x10", "found \"x10\" after its end"},
      {"params < +5", "found \"+5\" where a number, a name or '…' is needed"},
      {"params < (5", "found its end, no closing parenthesis"},
      {"optimizer == 'sgd", "found \"'sgd\", no closing quotation mark"},
      {"optimizer == 5", "found a number where text is needed"},
      {"params and true", "found a number where true or false is needed"},
      {"lr == 'fast'", "found text where a number is needed"},
      {"width < 5", "\"width\" is unknown"},
      {"optimizer == adamw", "\"adamw\" is unknown"},
      {"arch. < 5", "\"arch.\" is unknown"},
  };
  for (const auto& [text, what] : all) {
    const auto constraint = parse_constraint(text);
    ASSERT_FALSE(constraint) << text;
    EXPECT_EQ(constraint.error().what, what) << text;
  }
  EXPECT_FALSE(parse_constraint(std::string(501, '(')));
}

RC_GTEST_PROP(Constraint, AnyTextIsReadOrRefused, ()) {
  const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(
      std::vector<std::string>{"params", "macs", "lr", "arch.p", "optimizer", "'sgd'", "<",
                               "<=",     "==",   "!=", "and",    "or",        "not",   "(",
                               ")",      "+",    "-",  "*",      "/",         "1",     "2.5e3",
                               "true",   " ",    "_",  "=",      "é"}));
  std::string text;
  for (const std::string& word : words) text += word + (*rc::gen::inRange(0, 3) ? " " : "");
  const auto constraint = parse_constraint(text);
  RC_CLASSIFY(constraint.has_value(), "accepted");
  if (!constraint) {
    RC_ASSERT(!constraint.error().what.empty());
    return;
  }
  RC_ASSERT(constraint->text == text);
  const auto again = parse_constraint(constraint->text);
  RC_ASSERT(again.has_value());
  RC_ASSERT(satisfies(*again, config(), kCost) == satisfies(*constraint, config(), kCost));
}

// Whole numbers are compared as C++ compares them.
RC_GTEST_PROP(Constraint, IsTheArithmeticOfNumbers, ()) {
  const auto number = [] { return *rc::gen::inRange<std::int64_t>(-20, 20); };
  const auto a = number(), b = number(), c = number();
  const auto text = [](std::int64_t n) { return std::to_string(n); };
  RC_ASSERT(holds(text(a) + " + " + text(b) + " * " + text(c) + " < " + text(b) + " - " +
                  text(c)) == (a + b * c < b - c));
  RC_ASSERT(holds(text(a) + " >= " + text(b) + " and not " + text(b) + " == " + text(c)) ==
            (a >= b && b != c));
}

TEST(Constraint, NamesItsParameters) {
  const auto constraint = parse_constraint("lr * 10 > 1 and not (arch.width < 4 or params < 9)");
  EXPECT_EQ(parameters_of(*constraint), (std::vector<std::string>{"lr", "arch.width"}));
  EXPECT_FALSE(is_of_network(*constraint));
  EXPECT_TRUE(is_of_network(*parse_constraint("macs + 1 < params")));
}

}  // namespace
}  // namespace firesweep
