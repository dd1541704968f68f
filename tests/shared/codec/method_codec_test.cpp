// A method's settings: what the decoder, the JSON Schema and the frozen form make of them.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "shared/codec/json.h"
#include "shared/codec/sweep_canonical.h"
#include "shared/codec/sweep_codec.h"
#include "shared/domain/methods.h"
#include "tests/shared/codec/schema_check.h"

namespace firesweep {
namespace {

std::string file_with(const Json& method) {
  return R"({"name": "x", "trainer": "simulated", "run_cap": 50, "parameters":
    {"lr": {"min": 0.01, "max": 0.1}}, "method": )" +
         method.dump() + "}";
}

Json with(const SearchSetting& setting, double number) {
  Json method = {{"name", to_string(setting.method)}};
  method[std::string(setting.name)] = setting.whole ? Json(std::llround(number)) : Json(number);
  if (setting.name == "sample_size") method["population_size"] = 200;
  return method;
}

std::string mistake_of(const Json& method) {
  const std::string text = file_with(method);
  testing::expect_agreement(text, "x.json");
  const auto spec = decode_sweep(text, "x.json");
  return spec ? "none" : to_string(spec.error());
}

TEST(MethodCodec, EverySettingIsHeldToItsBounds) {
  for (const SearchSetting& one : search_settings()) {
    const double step = one.whole ? 1 : 1e-3;
    const double least = one.above ? one.min + step : one.min;
    if (one.name != "population_size") {
      EXPECT_EQ(mistake_of(with(one, least)), "none") << one.name;
    }
    EXPECT_EQ(mistake_of(with(one, one.max)), "none") << one.name;
    EXPECT_NE(mistake_of(with(one, least - step)), "none") << one.name;
    EXPECT_NE(mistake_of(with(one, one.max + step)), "none") << one.name;
    EXPECT_TRUE(one.min <= one.usual && one.usual <= one.max) << one.name;
    const auto spec = decode_sweep(file_with(with(one, one.max)), "x.json");
    ASSERT_TRUE(spec);
    EXPECT_EQ(setting_of(one.method, spec->search, one.name), one.max);
  }
}

TEST(MethodCodec, MistakesSayWhatWasExpected) {
  EXPECT_EQ(mistake_of({{"name", "tpe"}, {"gamma", 0.6}}),
            "x.json: /method/gamma: found 0.6, expected a number above 0 and up to 0.5");
  EXPECT_EQ(mistake_of({{"name", "gp"}, {"n_startup_trails", 9}}).substr(0, 30),
            "x.json: /method/n_startup_trai");
  EXPECT_NE(mistake_of({{"name", "gp"}, {"gamma", 0.1}}), "none") << "a setting of another method";
  EXPECT_NE(mistake_of({{"name", "grid"}, {"gamma", 0.1}}), "none");
  EXPECT_NE(mistake_of({{"name", "tpe"}, {"n_startup_trials", 2.5}}), "none");
  EXPECT_NE(mistake_of(Json::object()), "none");
  EXPECT_NE(mistake_of(Json::array({"tpe"})), "none");
  EXPECT_NE(mistake_of({{"name", "bayes"}}).find("write \"tpe\" or \"gp\""), std::string::npos);
  EXPECT_EQ(
      mistake_of({{"name", "evolution"}, {"population_size", 8}}),
      "x.json: /method: found a sample_size of 10, expected at most the 8 of population_size (a "
      "parent is the best of sample_size trials of the population)");
}

TEST(MethodCodec, WhatIsAsUsualIsNotFrozen) {
  const auto canonical = [](const Json& method) {
    return canonical_json(decode_sweep(file_with(method), "x.json").value());
  };
  const std::string plain = canonical("tpe");
  EXPECT_NE(plain.find(R"("method":"tpe")"), std::string::npos) << plain;
  EXPECT_EQ(canonical({{"name", "tpe"}}), plain);
  EXPECT_EQ(canonical({{"name", "tpe"}, {"n_startup_trials", 10}, {"gamma", 0.15}}), plain);
  const std::string set = canonical({{"name", "tpe"}, {"n_startup_trials", 12}, {"gamma", 0.2}});
  EXPECT_NE(set, plain);
  const auto again = decode_canonical_sweep(set);
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(canonical_json(*again), set);
  EXPECT_EQ(again->search, (SearchSettings{{"gamma", 0.2}, {"n_startup_trials", 12}}));
}

TEST(MethodCodec, RulesOfMethodsHoldInEitherForm) {
  for (const MethodInfo& info : methods()) {
    Json file = Json::parse(file_with({{"name", to_string(info.method)}}));
    file["parameters"]["lr"] = {{"values", {0.1, 0.2}}};
    testing::expect_agreement(file.dump(), "x.json");
    EXPECT_TRUE(decode_sweep(file.dump(), "x.json")) << to_string(info.method);
    file.erase("run_cap");
    testing::expect_agreement(file.dump(), "x.json");
    EXPECT_EQ(decode_sweep(file.dump(), "x.json").has_value(), !info.draws);
    file["run_cap"] = 5;
    file["parameters"]["amp"] = {{"values", {"off", "bf16"}}};
    testing::expect_agreement(file.dump(), "x.json");
    EXPECT_EQ(decode_sweep(file.dump(), "x.json").has_value(), !info.learns);
  }
}

}  // namespace
}  // namespace firesweep
