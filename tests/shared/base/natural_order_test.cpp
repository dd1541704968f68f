#include "shared/base/natural_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace firesweep {
namespace {

TEST(NaturalOrder, NumbersCountWhereverTheyStand) {
  std::vector<std::string> names = {"n10/0", "n2/10", "vm", "n2/2", "n1-b", "n02/2", "n1", "vm/3"};
  std::sort(names.begin(), names.end(), counts_before);
  EXPECT_EQ(names, (std::vector<std::string>{"n1", "n1-b", "n02/2", "n2/2", "n2/10", "n10/0", "vm",
                                             "vm/3"}));
}

TEST(NaturalOrder, NumbersMayBeLongerThanAnyInteger) {
  const std::string nines(40, '9');
  EXPECT_TRUE(counts_before("a" + nines, "a1" + std::string(40, '0')));
  EXPECT_FALSE(counts_before("a", "a"));
}

}  // namespace
}  // namespace firesweep
