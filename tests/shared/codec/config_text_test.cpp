#include "shared/codec/config_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cstdint>
#include <limits>

#include "shared/codec/json_node.h"
#include "shared/codec/json_text.h"

namespace firesweep {
namespace {

std::string by_tree(const TrialConfig& config) {
  Json::object_t members;
  for (const Field& field : fields()) {
    members.emplace_back(field.name, json_of(get_field(config, field)));
  }
  members.emplace_back("arch_params", json_of(config.arch_params));
  members.emplace_back("seed", config.seed);
  return dump_json(Json(std::move(members)));
}

std::string by_text(const TrialConfig& config) {
  ConfigText text;
  for (const Field& field : fields()) text.member(config, field);
  text.member("arch_params", config.arch_params);
  text.member("seed", config.seed);
  return text.done();
}

TEST(ConfigText, IsWhatTheTreeOfTheDefaultsGives) {
  EXPECT_EQ(by_text(TrialConfig{}), by_tree(TrialConfig{}));
}

// Hashes of users' databases stand on these bytes.
RC_GTEST_PROP(ConfigText, IsWhatTheTreeGivesWhateverTheValues, ()) {
  TrialConfig config;
  config.variant = *rc::gen::arbitrary<std::string>();
  config.optimizer = *rc::gen::element<std::string>("", "\"", "a\\b", "\n", "\x7f", "é");
  for (double* value : {&config.lr, &config.weight_decay, &config.momentum, &config.dropout}) {
    *value = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
  }
  config.beta1 = *rc::gen::arbitrary<double>();
  config.beta2 = static_cast<double>(*rc::gen::inRange(-1'000'000, 1'000'000)) / 1000;
  config.epochs = *rc::gen::arbitrary<std::int64_t>();
  config.seed = *rc::gen::arbitrary<std::int64_t>();
  config.arch_params["ratio"] = static_cast<double>(*rc::gen::inRange(0, 100)) / 7;
  config.arch_params[*rc::gen::arbitrary<std::string>()] = *rc::gen::arbitrary<bool>();
  RC_ASSERT(by_text(config) == by_tree(config));
}

TEST(ConfigText, NumbersAtTheirEndsAreTheTrees) {
  TrialConfig config;
  config.lr = std::numeric_limits<double>::denorm_min();
  config.momentum = std::numeric_limits<double>::max();
  config.weight_decay = -0.0;
  config.beta1 = 1e15;
  config.beta2 = 1e16;
  config.split_seed = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(by_text(config), by_tree(config));
}

}  // namespace
}  // namespace firesweep
