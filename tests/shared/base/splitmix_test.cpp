#include "shared/base/splitmix.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

// Published outputs for seed 1234567.
TEST(SplitMix, DrawsThePublishedSequence) {
  EXPECT_EQ(splitmix64(1234567), 6457827717110365317U);
  EXPECT_EQ(splitmix64_at(1234567, 0), 6457827717110365317U);
  EXPECT_EQ(splitmix64_at(1234567, 1), 3203168211198807973U);
  EXPECT_EQ(splitmix64_at(1234567, 2), 9817491932198370423U);
  EXPECT_EQ(splitmix64_at(1234567, 3), 4593380528125082431U);
  EXPECT_EQ(splitmix64_at(1234567, 4), 16408922859458223821U);
}

TEST(SplitMix, UnitsAreBelowOne) {
  EXPECT_EQ(unit_of(0), 0.0);
  EXPECT_LT(unit_of(~std::uint64_t{0}), 1.0);
  EXPECT_EQ(unit_of(std::uint64_t{1} << 63), 0.5);
}

// Of the test suite published with the function.
TEST(Fnv1a, HashesAsPublished) {
  EXPECT_EQ(fnv1a(""), 0xcbf29ce484222325U);
  EXPECT_EQ(fnv1a("a"), 0xaf63dc4c8601ec8cU);
  EXPECT_EQ(fnv1a("foobar"), 0x85944171f73967e8U);
}

}  // namespace
}  // namespace firesweep
