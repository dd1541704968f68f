#include "worker/runtime/verbs/bench_probe.h"

#include <gtest/gtest.h>

#include <vector>

namespace firesweep {
namespace {

TEST(BenchProbe, NetworksOfEqualWorkShareTheTimeEqually) {
  EXPECT_DOUBLE_EQ(probe_share(2, std::vector<double>(1, 7)), 2);
  EXPECT_DOUBLE_EQ(probe_share(2, std::vector<double>(5, 7)), 0.4);
  EXPECT_DOUBLE_EQ(probe_share(2, std::vector<double>(5, 0)), 0.4);
}

TEST(BenchProbe, ALargerNetworkGetsMoreOfTheTime) {
  EXPECT_DOUBLE_EQ(probe_share(2, std::vector<double>{3, 1}), 2 * (0.375 + 0.25 * 0.75));
  EXPECT_DOUBLE_EQ(probe_share(2, std::vector<double>{1, 3}), 2 * (0.375 + 0.25 * 0.25));
}

TEST(BenchProbe, AShareIsNotTooLittleToTellAnything) {
  EXPECT_DOUBLE_EQ(probe_share(2, std::vector<double>(64, 7)), 0.2);
  EXPECT_DOUBLE_EQ(probe_share(0.15, std::vector<double>(2, 7)), 0.15);
  EXPECT_EQ(probe_share(0.05, std::vector<double>(1, 7)), 0);
  EXPECT_EQ(probe_share(-1, std::vector<double>(1, 7)), 0);
}

}  // namespace
}  // namespace firesweep
