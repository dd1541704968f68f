#include "shared/base/random_bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace firesweep {
namespace {

// More than the kernel promises to give in one call.
TEST(RandomBytes, AreFilledToTheEndAndDiffer) {
  std::vector<std::byte> one(5'000), other(5'000);
  fill_random(one);
  fill_random(other);
  EXPECT_NE(one, other);
  EXPECT_LT(std::count(one.end() - 500, one.end(), std::byte{0}), 50);
}

}  // namespace
}  // namespace firesweep
