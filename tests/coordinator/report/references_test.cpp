#include "coordinator/report/references.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

std::vector<ParetoPanel> panels(Board board) { return {{std::move(board), {}}}; }

TEST(References, AutoIsForRealTrainingOnAWholeKnownDataset) {
  const Board whole{.dataset = "cifar100", .epochs = 15, .val_size = 5000};
  const auto chosen = References::choose("auto", panels(whole));
  ASSERT_TRUE(chosen);
  EXPECT_FALSE(chosen->widen());
  EXPECT_EQ(chosen->of(whole).size(), 2u) << "the public table, the study";
  Board other = whole;
  other.protocol = "study";
  EXPECT_EQ(chosen->of(other).size(), 2u);
  other.trainer = "simulated";
  EXPECT_TRUE(chosen->of(other).empty());
  other = whole;
  other.train_size = 2000;
  EXPECT_TRUE(chosen->of(other).empty());
  other = whole;
  other.test_size = 500;
  EXPECT_TRUE(chosen->of(other).empty());
  other = whole;
  other.dataset = "cifar10";
  EXPECT_TRUE(chosen->of(other).empty());
}

TEST(References, AllAreDrawnWhereTheyAreAskedForAndNoneWhereNoneAre) {
  const Board subset{.dataset = "cifar100", .epochs = 15, .train_size = 2000};
  const auto all = References::choose("all", panels(subset));
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->widen());
  EXPECT_EQ(all->of(subset).size(), 2u);
  const auto none = References::choose("none", panels(subset));
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->of(subset).empty());
}

TEST(References, FileOfOnesOwnReplacesThoseBuiltIn) {
  const Board board{.dataset = "cifar10"};
  const auto own = References::choose(R"({"format": 1, "dataset": "cifar10", "sources": [
    {"source": "ours", "points": [{"name": "a", "params": 10, "accuracy": 0.5}]}]})",
                                      panels(board));
  ASSERT_TRUE(own);
  ASSERT_EQ(own->of(board).size(), 1u);
  EXPECT_EQ(own->of(board)[0].source, "ours");
}

TEST(References, AskedForAndAboutNoPanelIsRefusedWithWhatIsShown) {
  const auto chosen = References::choose("all", panels({.dataset = "fashion_mnist"}));
  ASSERT_FALSE(chosen);
  EXPECT_NE(chosen.error().what.find("cifar100"), std::string::npos) << chosen.error().what;
  EXPECT_NE(chosen.error().what.find("fashion_mnist"), std::string::npos) << chosen.error().what;
  EXPECT_TRUE(References::choose("all", {})) << "an empty database has an empty picture";
}

}  // namespace
}  // namespace firesweep
