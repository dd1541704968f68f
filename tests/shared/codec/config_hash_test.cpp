#include "shared/codec/config_hash.h"

#include <gtest/gtest.h>

#include "shared/domain/fields.h"

namespace firesweep {
namespace {

std::string hash_of(const TrialConfig& config) {
  return config_hash(config, "arch", "data", Trainer::kTorch);
}

// A value other than the default, within bounds.
Value other_value(const Field& field) {
  const TrialConfig config;
  const Value now = get_field(config, field);
  if (const auto* flag = std::get_if<bool>(&now)) return !*flag;
  if (const auto* whole = std::get_if<std::int64_t>(&now)) return *whole + 1;
  if (std::holds_alternative<double>(now)) {
    const double middle = (field.min + field.max) / 2;
    return same_value(now, middle) ? middle / 2 : middle;
  }
  if (field.choices.empty()) return std::string("other");
  return std::string(field.choices.front() == std::get<std::string>(now) ? field.choices.back()
                                                                         : field.choices.front());
}

TEST(ConfigHash, EveryFieldButTheVariantsNameCounts) {
  for (const Field& field : fields()) {
    TrialConfig config;
    const auto set = set_field(config, field, other_value(field), "");
    ASSERT_TRUE(set) << to_string(set.error());
    EXPECT_EQ(hash_of(config) == hash_of(TrialConfig{}), field.name == "variant") << field.name;
  }
}

TEST(ConfigHash, TheTrainingSeedDoesNotCount) {
  TrialConfig config;
  config.seed = 77;
  EXPECT_EQ(hash_of(config), hash_of(TrialConfig{}));
}

TEST(ConfigHash, ArchitectureDatasetTrainerAndArchParamsCount) {
  const TrialConfig config;
  const std::string hash = hash_of(config);
  EXPECT_NE(config_hash(config, "other", "data", Trainer::kTorch), hash);
  EXPECT_NE(config_hash(config, "arch", "other", Trainer::kTorch), hash);
  EXPECT_NE(config_hash(config, "arch", "data", Trainer::kSimulated), hash);
  TrialConfig swept;
  swept.arch_params["p"] = 0.1;
  EXPECT_NE(hash_of(swept), hash);
}

// The stored hashes of users' databases must keep their meaning: a change of this value needs a new
// kRecipeVersion.
TEST(ConfigHash, IsStableAcrossBuilds) {
  EXPECT_EQ(hash_of(TrialConfig{}),
            "3e66bfd41429874491ada05f659d35e743173a165245d3667f449ca12341d585");
}

}  // namespace
}  // namespace firesweep
