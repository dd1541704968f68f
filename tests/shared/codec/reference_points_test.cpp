#include "shared/codec/reference_points.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

TEST(ReferencePoints, AreReadWithTheirSources) {
  const auto read = decode_reference_points(R"({"format": 1, "dataset": "cifar10",
    // comments are allowed, as in every file of ours
    "sources": [{"source": "a paper, 300 epochs",
                 "points": [{"name": "resnet20", "params": 2.7e5, "accuracy": 0.9125}]}]})",
                                            "mine.json");
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->dataset, "cifar10");
  ASSERT_EQ(read->sources.size(), 1u);
  EXPECT_EQ(read->sources[0].source, "a paper, 300 epochs");
  ASSERT_EQ(read->sources[0].points.size(), 1u);
  EXPECT_EQ(read->sources[0].points[0].name, "resnet20");
  EXPECT_EQ(read->sources[0].points[0].params, 270'000);
  EXPECT_EQ(read->sources[0].points[0].accuracy, 0.9125);
}

TEST(ReferencePoints, EveryMistakeIsNamedWithItsPlace) {
  const auto read = decode_reference_points(R"({"format": 1, "dataset": "cifar10", "sources": [
    {"source": "s", "points": [{"name": "a", "params": 0, "accuracy": 91.25}]},
    {"source": "", "points": []}]})",
                                            "mine.json");
  ASSERT_FALSE(read);
  const std::string said = to_string(read.error());
  for (const char* node : {"/sources/0/points/0/params", "/sources/0/points/0/accuracy",
                           "0.7561 for 75.61 %", "/sources/1/source", "/sources/1/points"})
    EXPECT_NE(said.find(node), std::string::npos) << node << " in " << said;
}

}  // namespace
}  // namespace firesweep
