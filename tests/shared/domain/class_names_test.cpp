#include "shared/domain/class_names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "shared/domain/dataset_info.h"

namespace firesweep {
namespace {

// Issue 13, rough-small-things: an exported model says "road", not "class 68".
TEST(ClassNames, AreOneAClassOfEveryKnownDataset) {
  for (const DatasetInfo& dataset : datasets()) {
    const auto names = class_names(dataset.name);
    EXPECT_EQ(static_cast<int>(names.size()), dataset.classes) << dataset.name;
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size()) << dataset.name;
  }
  EXPECT_TRUE(class_names("unknown").empty());
}

TEST(ClassNames, OfCifar100StandInTheOrderOfItsLabels) {
  const auto names = class_names("cifar100");
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(names[0], "apple");
  EXPECT_EQ(names[68], "road");
  EXPECT_EQ(names[99], "worm");
}

}  // namespace
}  // namespace firesweep
