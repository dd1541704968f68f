// What an older build hashed, stored and froze keeps its meaning where the table of hyperparameters
// has grown and one has taken the place of another.
#include <gtest/gtest.h>

#include "shared/codec/config_codec.h"
#include "shared/codec/config_hash.h"
#include "shared/codec/sweep_codec.h"
#include "tests/shared/older_fields.h"

namespace firesweep {
namespace {

constexpr std::string_view kSweep = R"({"name": "older", "method": "random", "run_cap": 20,
  "dataset": "cifar100",
  "parameters": {"variant": {"value": "v3"}, "deterministic": {"values": [true, false]},
                 "lr": {"min": 0.001, "max": 0.1}},
  "exclude": [{"deterministic": true}]})";
const ArchitectureTexts kArchitectures = {
    {"v3", R"({"format": 1, "name": "v3", "input": [3, 32, 32],
               "blocks": [{"conv": 8}, "global_avg_pool", {"linear": "classes"}]})"}};

template <class Make>
auto with(std::vector<Field> table, Make make) {
  const OtherFields other(std::move(table), older::first_names());
  return make();
}
template <class Make>
auto by_the_older(Make make) {
  return with(older::old_table(), make);
}
template <class Make>
auto by_the_newer(Make make) {
  return with(older::new_table(), make);
}

std::string hash_of(const TrialConfig& config) {
  return config_hash(config, "a", "d", Trainer::kTorch);
}

TEST(OlderTexts, EqualWorkKeepsItsHash) {
  TrialConfig repeatable;
  repeatable.deterministic = true;
  const std::string before = by_the_older([&] { return hash_of(repeatable); });
  TrialConfig now;
  now.split_seed = 2;  // exactness
  EXPECT_EQ(by_the_newer([&] { return hash_of(now); }), before);
  EXPECT_EQ(by_the_newer([] { return hash_of(TrialConfig{}); }),
            by_the_older([] { return hash_of(TrialConfig{}); }));
}

TEST(OlderTexts, WhatNoOlderBuildCouldDoHasAHashOfItsOwn) {
  TrialConfig clipped;
  clipped.grad_clip = 1;
  TrialConfig views;
  views.split_seed = 8;
  const std::string plain = by_the_newer([] { return hash_of(TrialConfig{}); });
  EXPECT_NE(by_the_newer([&] { return hash_of(clipped); }), plain);
  EXPECT_NE(by_the_newer([&] { return hash_of(views); }), plain);
}

TEST(OlderTexts, StoredConfigsReadBackWithWhatWasDoneThen) {
  TrialConfig config;
  config.deterministic = true;
  config.lr = 0.5;
  const std::string text = by_the_older([&] { return encode_config(config); });
  const auto now = by_the_newer([&] { return decode_config(text); });
  ASSERT_TRUE(now) << to_string(now.error());
  EXPECT_EQ(now->split_seed, 2);
  EXPECT_EQ(now->lr, 0.5);
  EXPECT_EQ(now->grad_clip, 0);
}

TEST(OlderTexts, OfAConfigWithBothTheOneThatAsksForSomethingCounts) {
  const auto exactness = [](const std::string& text) {
    return by_the_newer([&] { return decode_config(text)->split_seed; });
  };
  EXPECT_EQ(exactness(R"({"deterministic": true, "exactness": 0})"), 2);
  EXPECT_EQ(exactness(R"({"deterministic": false, "exactness": 8})"), 8);
  EXPECT_EQ(exactness(R"({"deterministic": true, "exactness": 8})"), 8);
}

TEST(OlderTexts, AFormerFieldOfAnUnknownValueIsRefused) {
  const auto refused = by_the_newer([] { return decode_config(R"({"deterministic": 3})"); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(
      to_string(refused.error()),
      "config: /deterministic: found 3, expected one of false, true (\"exactness\" has taken its "
      "place)");
}

TEST(OlderTexts, FrozenSweepsThawAsTheyWere) {
  const auto before = by_the_older([] { return freeze_file(kSweep, "s.json", kArchitectures); });
  ASSERT_TRUE(before) << to_string(before.error());
  const ArchitectureTexts kept = {{"v3", before->architectures.at("v3").canonical}};
  const auto now = by_the_newer([&] { return thaw(before->canonical, kept); });
  ASSERT_TRUE(now) << to_string(now.error());
  EXPECT_EQ(now->hash, before->hash);
  EXPECT_EQ(now->spec.parameters.at(0).name, "exactness");
  EXPECT_EQ(now->spec.exclude.at(0).begin()->first, "exactness");
  EXPECT_EQ(std::get<std::int64_t>(now->spec.exclude.at(0).at("exactness")), 2);
}

TEST(OlderTexts, TheSameFileIsKnownAgain) {
  const auto by_first_rules = [] {
    auto spec = decode_sweep(kSweep, "s.json", 1);
    return freeze(std::move(*spec), kArchitectures)->hash;
  };
  const std::string before = by_the_older(by_first_rules);
  EXPECT_EQ(by_the_newer(by_first_rules), before);
  const auto now = by_the_newer([] { return freeze_file(kSweep, "s.json", kArchitectures); });
  ASSERT_TRUE(now) << to_string(now.error());
  EXPECT_EQ(now->spec.rules, kRulesVersion);
  ASSERT_FALSE(now->by_older_rules.empty());
  EXPECT_EQ(now->by_older_rules.back()->spec.rules, 1);
  EXPECT_EQ(now->by_older_rules.back()->hash, before);
}

TEST(OlderTexts, NewValuesAreFrozenUnderNewNames) {
  const std::string text = R"({"name": "new", "method": "grid", "dataset": "cifar100",
    "parameters": {"exactness": {"values": [0, 8]}, "grad_clip": {"value": 2}}})";
  const auto back = by_the_newer([&] {
    const auto frozen = freeze_file(text, "s.json", kArchitectures);
    EXPECT_NE(frozen->canonical.find(R"("exactness":{"values":[0,8]})"), std::string::npos);
    EXPECT_NE(frozen->canonical.find(R"("grad_clip":{"value":2.0})"), std::string::npos);
    return thaw(frozen->canonical, {{"v3", frozen->architectures.at("v3").canonical}});
  });
  ASSERT_TRUE(back) << to_string(back.error());
  EXPECT_EQ(back->spec.base.grad_clip, 2);
  EXPECT_FALSE(by_the_older([&] { return thaw(back->canonical, kArchitectures); }));
}

TEST(OlderTexts, AFieldGivenBesideItsFormerOneIsRefused) {
  const auto refused = by_the_newer([] {
    return decode_sweep(R"({"name": "x", "method": "grid", "dataset": "cifar100",
      "parameters": {"deterministic": {"value": true}, "exactness": {"value": 2}}})",
                        "s.json");
  });
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("taken its place"), std::string::npos);
}

// Builds from tta's first day to flip_tta's last froze both.
TEST(OlderTexts, ASweepFrozenUnderBothNamesThawsByTheOneThatSaysSomething) {
  const auto thawed = [](const std::string& flip_tta, const std::string& tta) {
    const auto plain = freeze_file(R"({"name": "x", "method": "grid", "dataset": "cifar100",
      "parameters": {"variant": {"value": "v3"}}})",
                                   "s.json", kArchitectures);
    const std::string before = R"("flip_tta":{"value":false})";
    std::string both = plain->canonical;
    both.replace(both.find(before), before.size(),
                 R"("flip_tta":{"value":)" + flip_tta + R"(},"tta":{"value":")" + tta + R"("})");
    const auto now = thaw(both, {{"v3", plain->architectures.at("v3").canonical}});
    EXPECT_TRUE(now) << to_string(now.error());
    EXPECT_EQ(now->canonical, both) << "as it is stored";
    EXPECT_NE(now->hash, plain->hash);
    return now->spec.base.tta;
  };
  EXPECT_EQ(thawed("false", "flip"), "flip");
  EXPECT_EQ(thawed("false", "flip_shift"), "flip_shift");
  EXPECT_EQ(thawed("true", "none"), "flip");
}

TEST(OlderTexts, FlipTtaIsReadAsTta) {
  const std::string text = R"({"name": "x", "method": "grid", "dataset": "cifar100",
    "parameters": {"variant": {"value": "v3"}, "flip_tta": {"values": [true, false]}}})";
  const auto frozen = freeze_file(text, "s.json", kArchitectures);
  ASSERT_TRUE(frozen) << to_string(frozen.error());
  ASSERT_EQ(frozen->spec.parameters.size(), 1U);
  EXPECT_EQ(frozen->spec.parameters[0].name, "tta");
  const auto& values = std::get<ValueList>(frozen->spec.parameters[0].domain).values;
  EXPECT_EQ(values, (std::vector<Value>{std::string("flip"), std::string("none")}));
  EXPECT_NE(frozen->canonical.find(R"("flip_tta":{"values":[true,false]})"), std::string::npos);

  TrialConfig config;
  config.tta = "flip";
  EXPECT_EQ(decode_config(R"({"flip_tta": true})")->tta, "flip");
  EXPECT_EQ(decode_config(encode_config(config))->tta, "flip");
  const auto refused = decode_config(R"({"flip_tta": "yes"})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(to_string(refused.error()),
            "config: /flip_tta: found \"yes\", expected one of false, true (\"tta\" has taken its "
            "place)");
}

TEST(OlderTexts, RulesOfANewerBuildAreRefused) {
  const auto frozen = freeze_file(kSweep, "s.json", kArchitectures);
  std::string text = frozen->canonical;
  const std::string rules = R"("rules":)" + std::to_string(kRulesVersion);
  text.replace(text.find(rules), rules.size(), R"("rules":99)");
  const auto refused = thaw(text, kArchitectures);
  ASSERT_FALSE(refused);
  EXPECT_NE(to_string(refused.error()).find("/rules"), std::string::npos);
}

// What the presets of version 1 train is what every database of that time holds.
TEST(OlderTexts, PresetsOfTheFirstRulesStayAsTheyWere) {
  EXPECT_EQ(hash_of(*find_preset("default", 1)),
            "4423ea4aed3633dfd80b2c0ffa95b564d572d757fcaf8c62a903944c858fb6df");
  EXPECT_EQ(hash_of(*find_preset("sgd", 1)),
            "e5bae5ae3fdf3641ec97f11ba215a94533ccb3d9bed4c5228d0cc90535bfd9af");
  EXPECT_EQ(hash_of(*find_preset("study", 1)),
            "805547e74f77592955eec59ea3c76ed3136ecceda1603c581b111f39e28e2387");
  EXPECT_EQ(hash_of(*find_preset("study", 2)), hash_of(*find_preset("study", 1)));
}

}  // namespace
}  // namespace firesweep
