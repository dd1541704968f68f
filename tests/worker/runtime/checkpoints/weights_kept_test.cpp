#include "worker/runtime/checkpoints/weights_kept.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using ::testing::UnorderedElementsAre;

CheckpointRules only_best() {
  CheckpointRules rules;
  rules.keep_best = true;
  return rules;
}

CheckpointRules at_most(std::int64_t bytes) {
  CheckpointRules rules;
  rules.max_bytes = bytes;
  return rules;
}

class WeightsKept : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "firesweep-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { fs::remove_all(root_); }

  void finish(const std::string& folder, double score, const CheckpointRules& rules,
              std::size_t bytes = 10, const std::string& sweep = "0123456789abcdef01") {
    fs::create_directories(root_ / folder);
    std::ofstream(root_ / folder / "selected.safetensors") << std::string(bytes, 'w');
    std::ofstream(root_ / folder / "last.safetensors") << "r";
    keep_weights({root_ / folder, sweep, score}, rules);
  }
  std::vector<std::string> with_weights() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(root_)) {
      if (fs::exists(entry.path() / "selected.safetensors"))
        names.push_back(entry.path().filename());
    }
    return names;
  }

  fs::path root_;
};

TEST_F(WeightsKept, WithoutBoundsAllStayAndNothingIsWritten) {
  finish("a", 0.5, {});
  finish("b", 0.4, {});
  EXPECT_THAT(with_weights(), UnorderedElementsAre("a", "b"));
  EXPECT_FALSE(fs::exists(root_ / "0123456789abcdef.weights"));
}

TEST_F(WeightsKept, BestKeepsTheBestTrialsAloneWhateverTheOrder) {
  const CheckpointRules best = only_best();
  finish("a", 0.5, best);
  EXPECT_THAT(with_weights(), UnorderedElementsAre("a"));
  finish("b", 0.7, best);
  finish("c", 0.6, best);
  EXPECT_THAT(with_weights(), UnorderedElementsAre("b"));
  EXPECT_TRUE(fs::exists(root_ / "a" / "last.safetensors"))
      << "what serves to go on is not touched";
}

TEST_F(WeightsKept, TheWorstGoFirstUntilTheRestFits) {
  const CheckpointRules few = at_most(25);
  finish("a", 0.5, few);
  finish("b", 0.7, few);
  finish("c", 0.6, few);
  EXPECT_THAT(with_weights(), UnorderedElementsAre("b", "c"));
  finish("d", 0.1, few);
  EXPECT_THAT(with_weights(), UnorderedElementsAre("b", "c"));
  finish("e", 0.9, few, 100);
  EXPECT_THAT(with_weights(), UnorderedElementsAre("e")) << "the best stays in any case";
}

TEST_F(WeightsKept, OtherSweepsAndWhatIsNotWrittenDownAreLeftAlone) {
  const CheckpointRules best = only_best();
  finish("a", 0.5, {});
  finish("b", 0.4, best);
  finish("c", 0.3, best, 10, "fedcba98765432100");
  EXPECT_THAT(with_weights(), UnorderedElementsAre("a", "b", "c"));
  fs::remove(root_ / "b" / "selected.safetensors");
  std::ofstream(root_ / "0123456789abcdef.weights", std::ios::app) << "nonsense\n0.99 ../c\n";
  finish("d", 0.2, best);
  EXPECT_THAT(with_weights(), UnorderedElementsAre("a", "c", "d"));
}

TEST_F(WeightsKept, ARepeatedFinishCountsOnce) {
  const CheckpointRules few = at_most(25);
  finish("a", 0.5, few);
  finish("a", 0.5, few);
  finish("b", 0.4, few);
  EXPECT_THAT(with_weights(), UnorderedElementsAre("a", "b"));
}

}  // namespace
}  // namespace firesweep
