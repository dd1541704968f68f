#include "shared/domain/value.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace firesweep {
namespace {

TEST(Value, TextIsTheShortestThatReadsBack) {
  EXPECT_EQ(to_string(Value(true)), "true");
  EXPECT_EQ(to_string(Value(std::int64_t{-15})), "-15");
  EXPECT_EQ(to_string(Value(0.1)), "0.1");
  EXPECT_EQ(to_string(Value(0.1 + 0.2)), "0.30000000000000004");
  EXPECT_EQ(to_string(Value(1e-5)), "1e-05");
  EXPECT_EQ(to_string(Value(std::string("v3"))), "v3");
}

TEST(Value, JsonQuotesTextAndHasNoNumberThatIsNotFinite) {
  EXPECT_EQ(json_text(Value(std::string("a \"b\"\n"))), R"("a \"b\"\n")");
  EXPECT_EQ(json_text(Value(0.1)), "0.1");
  EXPECT_EQ(json_text(Value(std::int64_t{7})), "7");
  EXPECT_EQ(json_text(Value(false)), "false");
  EXPECT_EQ(json_text(Value(std::numeric_limits<double>::infinity())), "null");
  EXPECT_EQ(json_text(Value(std::numeric_limits<double>::quiet_NaN())), "null");
}

TEST(Value, NumbersAreTheSameWhateverTheirKind) {
  EXPECT_TRUE(same_value(std::int64_t{1}, 1.0));
  EXPECT_TRUE(same_value(0.5, 0.5));
  EXPECT_FALSE(same_value(std::int64_t{1}, 1.5));
}

TEST(Value, KindsDoNotMix) {
  EXPECT_FALSE(same_value(true, std::int64_t{1}));
  EXPECT_FALSE(same_value(std::string("1"), std::int64_t{1}));
  EXPECT_FALSE(same_value(std::string("true"), true));
  EXPECT_TRUE(same_value(std::string("a"), std::string("a")));
}

}  // namespace
}  // namespace firesweep
