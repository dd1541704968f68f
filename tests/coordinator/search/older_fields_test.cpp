// A half-done random sweep goes on with the trials it was going to have, also where one of its
// parameters has been succeeded by another.
#include "tests/shared/older_fields.h"

#include <gtest/gtest.h>

#include "coordinator/search/trial_space.h"
#include "shared/codec/config_hash.h"
#include "shared/codec/sweep_codec.h"

namespace firesweep {
namespace {

const ArchitectureTexts kArchitectures = {
    {"v3", R"({"format": 1, "name": "v3", "input": [3, 32, 32],
               "blocks": [{"conv": 8}, "global_avg_pool", {"linear": "classes"}]})"}};

std::vector<std::string> hashes(const FrozenSweep& frozen) {
  const auto space = TrialSpace::make(std::make_shared<const FrozenSweep>(frozen));
  std::vector<std::string> all;
  for (std::int64_t number = 0; number < space->counts().raw; ++number) {
    const auto config = space->config(number);
    all.push_back(config ? config_hash(*config, "a", "d", Trainer::kTorch) : "cut");
  }
  return all;
}

TEST(OlderFields, ARandomSweepDrawsTheSameTrials) {
  const std::string text = R"({"name": "older", "method": "random", "run_cap": 40,
    "dataset": "cifar100", "seeds": [1, 2],
    "parameters": {"variant": {"value": "v3"}, "deterministic": {"values": [true, false]},
                   "lr": {"distribution": "log_uniform_values", "min": 0.001, "max": 0.1}},
    "exclude": [{"deterministic": true}]})";
  std::string canonical;
  std::vector<std::string> before;
  {
    const OtherFields older(older::old_table(), older::first_names());
    const auto frozen = freeze_file(text, "s.json", kArchitectures);
    ASSERT_TRUE(frozen);
    canonical = frozen->by_older_rules.back()->canonical;
    before = hashes(*frozen->by_older_rules.back());
  }
  const OtherFields newer(older::new_table(), older::first_names());
  const auto thawed = thaw(canonical, kArchitectures);
  ASSERT_TRUE(thawed) << to_string(thawed.error());
  EXPECT_EQ(hashes(*thawed), before);
  EXPECT_GT(before.size(), 40u) << "none was cut";
}

}  // namespace
}  // namespace firesweep
