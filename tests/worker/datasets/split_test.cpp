#include "worker/datasets/split.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <set>
#include <vector>

namespace firesweep {
namespace {

using Labels = std::vector<std::uint8_t>;

// Classes come round in turn, as many images each.
Labels balanced(int classes, int images_per_class) {
  Labels labels;
  for (int i = 0; i < classes * images_per_class; ++i)
    labels.push_back(static_cast<std::uint8_t>(i % classes));
  return labels;
}

std::vector<std::int64_t> per_class(const Labels& labels, int classes,
                                    const std::vector<std::int64_t>& indices) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(classes));
  for (const auto i : indices) ++counts[labels[static_cast<std::size_t>(i)]];
  return counts;
}

TEST(Split, OfCifar100SizeHoldsOutFiftyOfEachClass) {
  const Labels labels = balanced(100, 500);
  const Split split = make_split(labels, 100, 5000, 0, 0).value();
  EXPECT_EQ(per_class(labels, 100, split.validation), std::vector<std::int64_t>(100, 50));
  EXPECT_EQ(per_class(labels, 100, split.train), std::vector<std::int64_t>(100, 450));
}

// Fixed once: another order here means that stored results no longer name the images they were
// measured on.
TEST(Split, IsTheSameOnEveryMachine) {
  const Split split = make_split(balanced(4, 10), 4, 6, 7, 5).value();
  EXPECT_EQ(split.validation, (std::vector<std::int64_t>{4, 10, 28, 29, 31, 37}));
  EXPECT_EQ(split.train, (std::vector<std::int64_t>{0, 3, 6, 30, 33}));
}

TEST(Split, ValidationDoesNotDependOnTrainSize) {
  const Labels labels = balanced(10, 100);
  const auto all = make_split(labels, 10, 0.1, 3, 0).value();
  for (const std::int64_t train_size : {1, 17, 500, 900}) {
    const auto some = make_split(labels, 10, 0.1, 3, train_size).value();
    EXPECT_EQ(some.validation, all.validation);
    EXPECT_EQ(std::ssize(some.train), train_size);
    EXPECT_TRUE(std::ranges::includes(all.train, some.train));
  }
}

TEST(Split, OtherSeedHoldsOutOtherImages) {
  const Labels labels = balanced(10, 100);
  EXPECT_NE(make_split(labels, 10, 100, 0, 0)->validation,
            make_split(labels, 10, 100, 1, 0)->validation);
}

TEST(Split, HeldOutImagesAreSpreadOverTheWholeSet) {
  const auto validation = make_split(balanced(10, 1000), 10, 1000, 0, 0)->validation;
  const auto sum = std::accumulate(validation.begin(), validation.end(), std::int64_t{0});
  EXPECT_NEAR(static_cast<double>(sum) / 1000, 5000, 5 * 10'000 / std::sqrt(12.0 * 1000));
}

TEST(Split, LastImagesGoToTheLargestRemainders) {
  Labels labels(50, 0);
  labels.insert(labels.end(), 33, 1);
  labels.insert(labels.end(), 17, 2);
  const Split split = make_split(labels, 3, 10, 0, 0).value();  // exact shares 5, 3.3, 1.7
  EXPECT_EQ(per_class(labels, 3, split.validation), (std::vector<std::int64_t>{5, 3, 2}));
}

TEST(Split, WithoutValidationTrainsOnAllImages) {
  const Split split = make_split(balanced(3, 4), 3, 0, 0, 0).value();
  EXPECT_TRUE(split.validation.empty());
  EXPECT_EQ(std::ssize(split.train), 12);
}

TEST(Split, FractionMeansTheNearestCount) {
  const Labels labels = balanced(5, 11);
  EXPECT_EQ(std::ssize(make_split(labels, 5, 0.1, 0, 0)->validation), 6);  // 5.5
  EXPECT_EQ(make_split(labels, 5, 0.2, 0, 0)->validation,
            make_split(labels, 5, 11, 0, 0)->validation);
}

RC_GTEST_PROP(Split, ListsAreAscendingDisjointAndFairToEveryClass, ()) {
  const int classes = *rc::gen::inRange(1, 12);
  const Labels labels = *rc::gen::nonEmpty(rc::gen::container<Labels>(
      rc::gen::inRange<std::uint8_t>(0, static_cast<std::uint8_t>(classes))));
  const auto images = std::ssize(labels);
  const auto held_out = *rc::gen::inRange<std::int64_t>(0, images);
  const auto train_size = *rc::gen::inRange<std::int64_t>(0, images - held_out + 1);
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto split = make_split(labels, classes, static_cast<double>(held_out), seed, train_size);
  RC_ASSERT(split.has_value());
  RC_ASSERT(std::ssize(split->validation) == held_out);
  RC_ASSERT(std::ssize(split->train) == (train_size == 0 ? images - held_out : train_size));
  std::set<std::int64_t> all(split->train.begin(), split->train.end());
  all.insert(split->validation.begin(), split->validation.end());
  RC_ASSERT(std::ssize(all) == std::ssize(split->train) + std::ssize(split->validation));
  RC_ASSERT(all.empty() || (*all.begin() >= 0 && *all.rbegin() < images));
  RC_ASSERT(std::ranges::is_sorted(split->train) && std::ranges::is_sorted(split->validation));
  std::vector<std::int64_t> everything(labels.size());
  std::iota(everything.begin(), everything.end(), std::int64_t{0});
  const auto has = per_class(labels, classes, everything);
  const auto gives = per_class(labels, classes, split->validation);
  for (std::size_t c = 0; c < has.size(); ++c) {
    const double share =
        static_cast<double>(held_out) * static_cast<double>(has[c]) / static_cast<double>(images);
    RC_ASSERT(std::abs(static_cast<double>(gives[c]) - share) < 1);
  }
}

void expect_refused(double val_size, std::int64_t train_size, const std::string& message) {
  const auto split = make_split(balanced(4, 10), 4, val_size, 0, train_size);
  ASSERT_FALSE(split) << message;
  EXPECT_EQ(split.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(to_string(split.error()), message);
}

TEST(Split, ImpossibleSizesNameTheFieldFoundAndExpected) {
  expect_refused(-1, 0, "val_size: found -1, expected 0 or more");
  expect_refused(std::numeric_limits<double>::quiet_NaN(), 0,
                 "val_size: found nan, expected 0 or more");
  expect_refused(2.5, 0, "val_size: found 2.5, expected a fraction below 1 or a whole number");
  expect_refused(40, 0, "val_size: found 40, expected less than the 40 training images");
  expect_refused(std::numeric_limits<double>::infinity(), 0,
                 "val_size: found inf, expected less than the 40 training images");
  expect_refused(
      0.01, 0,
      "val_size: found 0.01, expected a fraction that holds out at least one of 40 images");
  expect_refused(
      0.999, 0, "val_size: found 0.999, expected a fraction that leaves at least one of 40 images");
  expect_refused(
      10, -1,
      "train_size: found -1, expected 0 (all) to 30, the images left beside 10 for validation");
  expect_refused(
      10, 31,
      "train_size: found 31, expected 0 (all) to 30, the images left beside 10 for validation");
}

}  // namespace
}  // namespace firesweep
