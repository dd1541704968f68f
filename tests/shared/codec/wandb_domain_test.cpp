// Each distribution of W&B in our words, whether or not this version draws it.
#include "shared/codec/wandb_domain.h"

#include <gtest/gtest.h>

#include "shared/codec/json_text.h"

namespace firesweep {
namespace {

Json parsed(std::string_view text) { return parse_json(text, "test.json").value(); }

Json domain_of(std::string_view spec, bool is_grid = false) {
  return wandb_domain(parsed(spec), is_grid).json;
}

ImportedDomain in_words(std::string_view field, std::string_view spec) {
  const std::vector<std::string> networks{"mobilenetv2", "v3"};
  const auto domain = in_words_of(*find_field(field), wandb_domain(parsed(spec), false), networks);
  EXPECT_TRUE(domain) << to_string(domain.error());
  return domain.value_or(ImportedDomain{});
}

std::string refused(std::string_view field, std::string_view spec) {
  const auto domain = in_words_of(*find_field(field), wandb_domain(parsed(spec), false), {});
  return domain ? "accepted" : domain.error().what;
}

TEST(WandbDomain, InfersTheDistributionAsWandbDoes) {
  EXPECT_EQ(domain_of(R"({"value": 3})"), parsed(R"({"value": 3})"));
  EXPECT_EQ(domain_of(R"({"values": [1, 2]})"), parsed(R"({"values": [1, 2]})"));
  EXPECT_EQ(domain_of(R"({"min": 0, "max": 1})"),
            parsed(R"({"distribution": "int_uniform", "min": 0, "max": 1})"));
  EXPECT_EQ(domain_of(R"({"min": 0, "max": 1.0})"),
            parsed(R"({"distribution": "uniform", "min": 0, "max": 1.0})"));
}

TEST(WandbDomain, WritesTheDefaultsOut) {
  EXPECT_EQ(domain_of(R"({"distribution": "normal"})"),
            parsed(R"({"distribution": "normal", "mu": 0, "sigma": 1})"));
  EXPECT_EQ(domain_of(R"({"distribution": "q_log_normal", "mu": 2})"),
            parsed(R"({"distribution": "q_log_normal", "mu": 2, "sigma": 1, "q": 1})"));
  EXPECT_EQ(domain_of(R"({"distribution": "beta", "b": 3})"),
            parsed(R"({"distribution": "beta", "b": 3, "a": 1})"));
  EXPECT_EQ(domain_of(R"({"distribution": "q_uniform", "min": 1, "max": 9})"),
            parsed(R"({"distribution": "q_uniform", "min": 1, "max": 9, "q": 1})"));
}

TEST(WandbDomain, ExponentsBecomeValues) {
  EXPECT_EQ(domain_of(R"({"distribution": "log_uniform", "min": -9.2103404, "max": 0})"),
            parsed(R"({"distribution": "log_uniform_values", "min": 0.0001, "max": 1.0})"));
  EXPECT_EQ(domain_of(R"({"distribution": "q_log_uniform", "min": 0, "max": 0, "q": 2})"),
            parsed(R"({"distribution": "q_log_uniform_values", "min": 1.0, "max": 1.0, "q": 2})"));
  EXPECT_EQ(domain_of(R"({"distribution": "inv_log_uniform", "min": 0, "max": 9.2103404})"),
            parsed(R"({"distribution": "inv_log_uniform_values", "min": 0.0001, "max": 1.0})"));
}

TEST(WandbDomain, EveryOtherDistributionKeepsItsNameAndKeys) {
  for (const char* spec :
       {R"({"distribution": "log_uniform_values", "min": 0.1, "max": 1})",
        R"({"distribution": "q_log_uniform_values", "min": 8, "max": 64, "q": 8})",
        R"({"distribution": "inv_log_uniform_values", "min": 0.1, "max": 1})",
        R"({"distribution": "q_normal", "mu": 1, "sigma": 2, "q": 3})",
        R"({"distribution": "log_normal", "mu": 1, "sigma": 2})",
        R"({"distribution": "q_beta", "a": 1, "b": 2, "q": 0.1})"}) {
    EXPECT_EQ(domain_of(spec), parsed(spec));
  }
  EXPECT_EQ(domain_of(R"({"distribution": "categorical_w_probabilities", "values": [1, 2],
                          "probabilities": [0.5, 0.5]})"),
            parsed(R"({"values": [1, 2], "probabilities": [0.5, 0.5]})"));
}

TEST(WandbDomain, AGridListsRangesAsWandbDoes) {
  EXPECT_EQ(domain_of(R"({"min": 2, "max": 4})", true), parsed(R"({"values": [2, 3, 4]})"));
  EXPECT_EQ(domain_of(R"({"distribution": "q_uniform", "min": 0, "max": 1, "q": 0.25})", true),
            parsed(R"({"values": [0.0, 0.25, 0.5, 0.75]})"));
  EXPECT_EQ(domain_of(R"({"distribution": "q_uniform", "min": 0.1, "max": 0.4, "q": 0.1})", true),
            parsed(R"({"values": [0.1, 0.2, 0.3, 0.4]})"))
      << "as numpy's arange, with which W&B counts";
  const char* textual = R"({"distribution": "q_uniform", "min": 0, "max": 1, "q": "a"})";
  EXPECT_EQ(domain_of(textual, true), parsed(textual));
  const char* endless = R"({"distribution": "int_uniform", "min": 0, "max": 1000000})";
  EXPECT_EQ(domain_of(endless, true), parsed(endless));
}

TEST(WandbDomain, ValuesAreInTheFieldsWords) {
  EXPECT_EQ(in_words("optimizer", R"({"value": "SGD"})").json, parsed(R"({"value": "sgd"})"));
  EXPECT_EQ(in_words("variant", R"({"values": ["MobileNet_v2", "vit"]})").json,
            parsed(R"({"values": ["mobilenetv2"]})"));
  EXPECT_EQ(in_words("amp", R"({"value": true})").json, parsed(R"({"value": "auto"})"));
  EXPECT_EQ(in_words("epochs", R"({"value": 1e2})").json, parsed(R"({"value": 100})"));
  EXPECT_EQ(in_words("epochs", R"({"distribution": "uniform", "min": 4.5, "max": 9.5})").json,
            parsed(R"({"distribution": "int_uniform", "min": 5, "max": 9})"));
}

TEST(WandbDomain, WhatIsLeftOfAListKeepsItsProportionsAndIsSaid) {
  const ImportedDomain domain = in_words("optimizer", R"({"values": ["adam", "sgd", "adamw", "SGD"],
                                "probabilities": [0.5, 0.25, 0.25, 0]})");
  EXPECT_EQ(domain.json, parsed(R"({"values": ["sgd", "adamw"], "probabilities": [0.5, 0.5]})"));
  EXPECT_EQ(domain.changes.front(), "without \"adam\"");
}

TEST(WandbDomain, TwoWordsOfOneValueAddTheirProbabilities) {
  EXPECT_EQ(in_words("optimizer", R"({"values": ["sgd", "adamw", "nag"],
                                      "probabilities": [0.25, 0.5, 0.25]})")
                .json,
            parsed(R"({"values": ["sgd", "adamw"], "probabilities": [0.5, 0.5]})"));
}

TEST(WandbDomain, WhatHasNoCounterpartIsRefusedWithTheReason) {
  EXPECT_NE(refused("optimizer", R"({"values": ["adam", "rmsprop"]})").find("\"rmsprop\""),
            std::string::npos);
  EXPECT_NE(refused("lr", R"({"value": [1, 2]})").find("a list of 2"), std::string::npos);
  EXPECT_NE(refused("variant", R"({"value": "vit_base"})").find("architectures/"),
            std::string::npos);
}

TEST(WandbDomain, AnEndlessListIsRefusedAndALongOneIsToldInShort) {
  Json spec = {{"values", Json::array()}};
  for (int i = 0; i < 100; ++i) spec["values"].push_back("x" + std::to_string(i));
  spec["values"].push_back("sgd");
  EXPECT_EQ(in_words("optimizer", dump_json(spec)).changes.size(), 10u);
  for (int i = 0; i < 10'000; ++i) spec["values"].push_back("x");
  EXPECT_NE(refused("optimizer", dump_json(spec)).find("at most 10000"), std::string::npos);
}

}  // namespace
}  // namespace firesweep
