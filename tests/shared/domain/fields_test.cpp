#include "shared/domain/fields.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <set>
#include <vector>

namespace firesweep {
namespace {

std::string mistake_of(std::string_view name, const Value& value) {
  TrialConfig config;
  const auto set = set_field(config, *find_field(name), value, "/here");
  EXPECT_EQ(config, TrialConfig{}) << "a refused value changed the config";
  return set ? "none" : to_string(set.error());
}

TEST(Fields, NamesAndMembersAreUnique) {
  std::set<std::string_view> names;
  for (const Field& field : fields()) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name;
    EXPECT_FALSE(field.help.empty()) << field.name;
    EXPECT_TRUE(field.help.ends_with('.')) << field.name;
    for (const Field& other : fields()) {
      EXPECT_EQ(field.member == other.member, field.name == other.name);
    }
  }
}

struct Span {
  std::size_t offset, size, align;
};

template <class T>
Span span_of(const TrialConfig& config, const T& member) {
  const auto offset =
      reinterpret_cast<const char*>(&member) - reinterpret_cast<const char*>(&config);
  return {static_cast<std::size_t>(offset), sizeof(T), alignof(T)};
}

// A config is its fields, arch_params and seed: a member without a row, which every codec would
// lose, leaves a gap between those that have one.
TEST(Fields, EveryMemberOfTheConfigIsARow) {
  const TrialConfig config;
  std::vector<Span> members = {span_of(config, config.arch_params), span_of(config, config.seed)};
  for (const Field& field : fields()) {
    members.push_back(
        std::visit([&](auto member) { return span_of(config, config.*member); }, field.member));
  }
  std::sort(members.begin(), members.end(),
            [](const Span& a, const Span& b) { return a.offset < b.offset; });
  std::size_t end = 0;
  for (const Span& member : members) {
    EXPECT_EQ(member.offset, (end + member.align - 1) / member.align * member.align);
    end = member.offset + member.size;
  }
  EXPECT_LT(sizeof(TrialConfig) - end, alignof(TrialConfig));
}

TEST(Fields, DefaultsLieWithinTheirBounds) {
  for (const Field& field : fields()) {
    TrialConfig config;
    EXPECT_TRUE(set_field(config, field, get_field(config, field), "")) << field.name;
  }
}

TEST(Fields, WholeNumbersAreTakenWhereANumberIsWanted) {
  TrialConfig config;
  ASSERT_TRUE(set_field(config, *find_field("lr"), std::int64_t{1}, ""));
  EXPECT_EQ(config.lr, 1.0);
}

TEST(Fields, WrongKindIsRefused) {
  EXPECT_EQ(mistake_of("lr", std::string("a")), "/here: found \"a\", expected a number in (0, 10]");
  EXPECT_EQ(mistake_of("epochs", 1.5), "/here: found 1.5, expected a whole number in [1, 10000]");
  EXPECT_EQ(mistake_of("epochs", true), "/here: found true, expected a whole number in [1, 10000]");
  EXPECT_EQ(mistake_of("drop_last", std::int64_t{1}), "/here: found 1, expected true or false");
  EXPECT_EQ(mistake_of("variant", std::int64_t{3}), "/here: found 3, expected a name");
  EXPECT_EQ(mistake_of("variant", std::string()), "/here: found \"\", expected a name");
}

TEST(Fields, BoundsAreHeldAtTheirEnds) {
  EXPECT_EQ(mistake_of("lr", 0.0), "/here: found 0, expected a number in (0, 10]");
  EXPECT_EQ(mistake_of("label_smoothing", 1.0), "/here: found 1, expected a number in [0, 1)");
  EXPECT_EQ(mistake_of("epochs", std::int64_t{0}),
            "/here: found 0, expected a whole number in [1, 10000]");
  TrialConfig config;
  EXPECT_TRUE(set_field(config, *find_field("lr"), 10.0, ""));
  EXPECT_TRUE(set_field(config, *find_field("label_smoothing"), 0.0, ""));
}

TEST(Fields, MayHaveTheNumbersThatCanBeSet) {
  for (const Field& field : fields()) {
    for (const double number : {field.min, field.max, 0.5, -1.0, std::nan("")}) {
      TrialConfig config;
      EXPECT_EQ(may_have(field, number), set_field(config, field, number, "").has_value())
          << field.name << " " << number;
    }
  }
}

TEST(Fields, NotANumberIsRefused) {
  EXPECT_NE(mistake_of("lr", std::nan("")), "none");
  EXPECT_NE(mistake_of("grad_clip", std::numeric_limits<double>::infinity()), "none");
}

TEST(Fields, UnknownChoiceNamesTheChoicesAndANearMiss) {
  EXPECT_EQ(mistake_of("optimizer", std::string("adam")),
            "/here: found \"adam\", expected one of \"adamw\", \"sgd\", \"muon\" (did you mean "
            "\"adamw\"?)");
}

TEST(Fields, FoundTextIsShortAndFreeOfControlCharacters) {
  EXPECT_EQ(found_text(std::string("a\x1b[31m\n")), "\"a?[31m?\"");
  const std::string text = found_text(std::string(59, 'x') + "×" + std::string(1000, 'x'));
  EXPECT_EQ(text, "\"" + std::string(59, 'x') + "×…\"");
}

}  // namespace
}  // namespace firesweep
