#include <gtest/gtest.h>

#include <string>

#include "shared/codec/sweep_codec.h"

namespace firesweep {
namespace {

std::string network(const std::string& name, const std::string& input = "[3, 32, 32]") {
  return R"({"format": 1, "name": ")" + name + R"(", "input": )" + input +
         R"(, "params": {"p": 0.3, "stage": "fire"}, "blocks": [{"conv": 8}, "global_avg_pool",
         {"dropout": "$p"}, {"linear": "classes"}]})";
}

const ArchitectureTexts kTexts = {{"v1", network("v1")}, {"v2", network("v2")}, {"broken", "{"}};

constexpr std::string_view kRandom = R"({
  "name": "everything", "method": "random", "dataset": "cifar100",
  "parameters": {
    "lr": {"distribution": "log_uniform_values", "min": 1e-4, "max": 0.1},
    "variant": {"values": ["v2", "v1"], "probabilities": [0.1, 0.9]},
    "optimizer": {"values": ["sgd", "adamw"]},
    "warmup_fraction": {"min": 0.0, "max": 0.3},
    "epochs": {"min": 1, "max": 3},
    "momentum": {"distribution": "normal", "mu": 0.9, "sigma": 0.01},
    "arch.p": {"values": [0.1, 1]}, "arch.stage": {"value": "fire"}, "flip_tta": {"value": true}},
  "seeds": [5, 6], "search_seed": 9, "exclude": [{"variant": "v1", "arch.p": 1}],
  "constraints": ["macs < 1e12"], "run_cap": 10, "max_trial_duration": "1.5s",
  "max_failed_trials": 0, "max_concurrent_trials": 3, "order": "interleaved",
  "priority": 7})";

SweepSpec decoded(std::string_view text) {
  const auto spec = decode_sweep(text, "x.json");
  EXPECT_TRUE(spec) << to_string(spec.error());
  return spec.value_or(SweepSpec{});
}

FrozenSweep frozen(std::string_view text) {
  auto made = freeze(decoded(text), kTexts, "x.json");
  EXPECT_TRUE(made) << to_string(made.error());
  return made.value_or(FrozenSweep{});
}

std::string grid(const std::string& members) {
  return R"({"method": "grid", "dataset": "cifar100", "parameters": {)" + members + "}}";
}

// Every member, by way of the parts that have comparisons.
void expect_equal(const SweepSpec& a, const SweepSpec& b) {
  EXPECT_EQ(canonical_json(a), canonical_json(b));
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.base, b.base);
  EXPECT_EQ(a.seeds, b.seeds);
  EXPECT_EQ(a.exclude, b.exclude);
  EXPECT_EQ(a.run_cap, b.run_cap);
  EXPECT_EQ(a.max_trial_duration, b.max_trial_duration);
  EXPECT_EQ(a.max_failed_trials, b.max_failed_trials);
  EXPECT_EQ(a.max_concurrent_trials, b.max_concurrent_trials);
  EXPECT_EQ(a.order, b.order);
  EXPECT_EQ(a.priority, b.priority);
  EXPECT_EQ(a.warnings, b.warnings);
  EXPECT_EQ(a.lr_follows_optimizer, b.lr_follows_optimizer);
  EXPECT_EQ(a.weight_decay_follows_optimizer, b.weight_decay_follows_optimizer);
  ASSERT_EQ(a.parameters.size(), b.parameters.size());
  for (std::size_t i = 0; i < a.parameters.size(); ++i) {
    EXPECT_EQ(a.parameters[i].name, b.parameters[i].name);
    EXPECT_EQ(a.parameters[i].domain.index(), b.parameters[i].domain.index());
  }
  ASSERT_EQ(a.constraints.size(), b.constraints.size());
}

TEST(Freeze, KeepsOnlyTheArchitecturesNamed) {
  const FrozenSweep sweep = frozen(grid(R"("variant": {"value": "v2"})"));
  ASSERT_EQ(sweep.architectures.size(), 1u);
  EXPECT_EQ(sweep.architectures.at("v2").name, "v2");
  EXPECT_EQ(sweep.dataset_checksum.size(), 64u);
}

TEST(Freeze, ThawGivesBackEveryMember) {
  for (const std::string& text :
       {std::string(kRandom), grid(R"("variant": {"values": ["v1", "v2"]})"),
        grid(R"("variant": {"value": "v1"}, "optimizer": {"value": "sgd"})"),
        grid(R"("variant": {"value": "v1"}, "lr": {"values": [0.5, 0.1]})"),
        std::string(R"({"method": "grid", "trainer": "simulated",
                        "parameters": {"variant": {"value": "v1"}}})")}) {
    const FrozenSweep before = frozen(text);
    ArchitectureTexts kept;
    for (const auto& [name, architecture] : before.architectures) {
      kept[name] = architecture.canonical;
    }
    const auto after = thaw(before.canonical, kept);
    ASSERT_TRUE(after) << to_string(after.error());
    expect_equal(after->spec, before.spec);
    EXPECT_EQ(after->canonical, before.canonical);
    EXPECT_EQ(after->hash, before.hash);
    EXPECT_EQ(after->dataset_checksum, before.dataset_checksum);
    ASSERT_EQ(after->architectures.size(), before.architectures.size());
    for (const auto& [name, architecture] : before.architectures) {
      EXPECT_EQ(after->architectures.at(name).canonical, architecture.canonical);
      EXPECT_EQ(after->architectures.at(name).hash, architecture.hash);
      EXPECT_EQ(after->architectures.at(name).params, architecture.params);
    }
  }
}

TEST(Freeze, HashFollowsSpecAndArchitectures) {
  const std::string text = grid(R"("variant": {"value": "v1"})");
  const FrozenSweep first = frozen(text);
  EXPECT_EQ(frozen(text).hash, first.hash);
  EXPECT_EQ(frozen("// a comment\n" + text).hash, first.hash);
  EXPECT_NE(frozen(grid(R"("variant": {"value": "v1"}, "epochs": {"value": 3})")).hash, first.hash);
  ArchitectureTexts edited = kTexts;
  edited["v1"].replace(edited["v1"].find("\"conv\": 8"), 9, "\"conv\": 9");
  const auto other = freeze(decoded(text), edited);
  ASSERT_TRUE(other);
  EXPECT_NE(other->hash, first.hash);
}

TEST(Freeze, OrderOfParametersIsPartOfTheIdentity) {
  const FrozenSweep one =
      frozen(grid(R"("variant": {"values": ["v1", "v2"]}, "lr": {"values": [0.01, 0.02]})"));
  const FrozenSweep two =
      frozen(grid(R"("lr": {"values": [0.01, 0.02]}, "variant": {"values": ["v1", "v2"]})"));
  EXPECT_NE(one.hash, two.hash) << "numbers would change their meaning";
}

TEST(Freeze, UnknownVariantNamesItsPlaceAndANearMiss) {
  const auto swept =
      freeze(decoded(grid(R"("variant": {"values": ["v1", "v22"]})")), kTexts, "sweeps/x.json");
  ASSERT_FALSE(swept);
  EXPECT_EQ(
      to_string(swept.error()),
      "sweeps/x.json: /parameters/variant/values/1: found \"v22\", expected an architecture: one "
      "of \"broken\", \"v1\", \"v2\" (did you mean \"v2\"?)");
  const auto single = freeze(decoded(grid(R"("variant": {"value": "w"})")), ArchitectureTexts{});
  ASSERT_FALSE(single);
  EXPECT_EQ(to_string(single.error()),
            "/parameters/variant/value: found \"w\", expected an architecture: there is none");
}

TEST(Freeze, BrokenArchitectureIsRefusedOnlyWhereItIsNamed) {
  const auto named = freeze(decoded(grid(R"("variant": {"value": "broken"})")), kTexts);
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().where.substr(0, 15), "broken.json:1:2");
  EXPECT_TRUE(freeze(decoded(grid(R"("variant": {"value": "v1"})")), kTexts));
}

TEST(Freeze, ArchitectureOfAnotherNameOrInputIsRefused) {
  const ArchitectureTexts texts = {{"v1", network("v2")}, {"v3", network("v3", "[1, 28, 28]")}};
  const auto name = freeze(decoded(grid(R"("variant": {"value": "v1"})")), texts);
  ASSERT_FALSE(name);
  EXPECT_EQ(to_string(name.error()),
            "v1.json: /name: found \"v2\", expected \"v1\", the name the sweep calls it by");
  const auto input = freeze(decoded(grid("")), texts);
  ASSERT_FALSE(input);
  EXPECT_EQ(to_string(input.error()),
            "v3.json: /input: found 1×28×28, expected 3×32×32, the shape of an image of cifar100");
}

TEST(Thaw, RefusesAnythingButItsOwnText) {
  const FrozenSweep sweep = frozen(grid(R"("variant": {"value": "v1"})"));
  EXPECT_FALSE(thaw("{}", kTexts));
  EXPECT_FALSE(thaw(grid(""), kTexts));
  EXPECT_FALSE(thaw(sweep.canonical, {}));
  EXPECT_FALSE(thaw(" " + sweep.canonical, kTexts));
}

TEST(SweepCodec, FilesMayNotClaimToBeFrozen) {
  const FrozenSweep sweep = frozen(grid(R"("variant": {"value": "v1"})"));
  const auto spec = decode_sweep(sweep.canonical, "x.json");
  ASSERT_FALSE(spec);
  EXPECT_NE(to_string(spec.error()).find("/frozen_format: unknown key"), std::string::npos);
  EXPECT_NE(to_string(spec.error()).find("/follows_optimizer: unknown key"), std::string::npos);
}

}  // namespace
}  // namespace firesweep
