#include "shared/codec/config_codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "shared/domain/fields.h"

namespace firesweep {
namespace {

// Any value that the field allows.
Value value_within(const Field& field) {
  if (type_of(field) == FieldType::kFlag) return *rc::gen::arbitrary<bool>();
  if (type_of(field) == FieldType::kText) {
    if (!field.choices.empty()) return std::string(*rc::gen::elementOf(field.choices));
    return *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)));
  }
  const auto low = static_cast<std::int64_t>(field.min);
  const auto high = static_cast<std::int64_t>(field.max);
  if (type_of(field) == FieldType::kWhole) {
    return *rc::gen::inRange<std::int64_t>(low, high + 1);
  }
  const double share = static_cast<double>(*rc::gen::inRange(1, 1'000'000)) / 1'000'003.0;
  return field.min + share * (field.max - field.min);
}

RC_GTEST_PROP(ConfigCodec, EveryConfigSurvivesTheRoundTrip, ()) {
  TrialConfig config;
  for (const Field& field : fields()) {
    RC_ASSERT(set_field(config, field, value_within(field), "").has_value());
  }
  config.seed = *rc::gen::arbitrary<std::int64_t>();
  config.arch_params["p"] = static_cast<double>(*rc::gen::arbitrary<std::int32_t>()) / 7;
  config.arch_params["n"] = *rc::gen::arbitrary<std::int64_t>();
  config.arch_params["s"] = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
  config.arch_params["b"] = *rc::gen::arbitrary<bool>();
  const auto back = decode_config(encode_config(config));
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == config);
}

TEST(ConfigCodec, WholeRealNumbersStayReal) {
  TrialConfig config;
  config.arch_params["p"] = 1.0;
  const auto back = decode_config(encode_config(config));
  ASSERT_TRUE(back);
  EXPECT_TRUE(std::holds_alternative<double>(back->arch_params.at("p")));
}

TEST(ConfigCodec, MissingFieldsKeepTheirDefaults) {
  const auto config = decode_config(R"({"lr": 0.5})");
  ASSERT_TRUE(config);
  TrialConfig expected;
  expected.lr = 0.5;
  EXPECT_EQ(*config, expected);
}

TEST(ConfigCodec, MistakesNameTheirPlace) {
  const auto mistake = [](std::string_view text) { return to_string(decode_config(text).error()); };
  EXPECT_EQ(mistake(R"({"lr": 0})"),
            "config: /lr: found 0, expected a number in (0, 10] (this end is open: write a little "
            "more)");
  EXPECT_EQ(mistake(R"({"epoch": 0})").substr(0, 29), "config: /epoch: unknown key, ");
  EXPECT_EQ(mistake(R"({"seed": "1"})").substr(0, 26), "config: /seed: found \"1\", ");
  EXPECT_EQ(mistake(R"({"arch_params": []})"),
            "config: /arch_params: found an empty list, expected an object");
  EXPECT_EQ(mistake(R"({"arch_params": {"a": null}})").substr(0, 31),
            "config: /arch_params/a: found n");
  EXPECT_FALSE(decode_config("[1]"));
  EXPECT_FALSE(decode_config(""));
}

}  // namespace
}  // namespace firesweep
