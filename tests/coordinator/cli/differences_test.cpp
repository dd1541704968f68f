#include "coordinator/cli/differences.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

constexpr const char* kSweep =
    R"({"name":"s","parameters":{"lr":{"values":[1,2]},"epochs":{"value":3}},"seeds":[1]})";

TEST(Differences, NameWhatWasEdited) {
  EXPECT_EQ(differences(kSweep, kSweep), "");
  EXPECT_EQ(
      differences(
          kSweep,
          R"({"name":"s","parameters":{"lr":{"values":[1,2]},"epochs":{"value":4}},"seeds":[1]})"),
      "epochs");
  EXPECT_EQ(
      differences(
          kSweep,
          R"({"name":"s","parameters":{"lr":{"values":[1]},"epochs":{"value":3}},"seeds":[1,2],"run_cap":5})"),
      "lr, run_cap, seeds");
}

TEST(Differences, AnotherOrderIsSaidToBeOne) {
  EXPECT_EQ(
      differences(
          kSweep,
          R"({"name":"s","parameters":{"epochs":{"value":3},"lr":{"values":[1,2]}},"seeds":[1]})"),
      "the order of its parameters");
}

}  // namespace
}  // namespace firesweep
