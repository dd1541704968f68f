// The real files: CIFAR-100 from ../shared beside the repository, Fashion-MNIST from Debian's
// package.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "tests/places.h"
#include "tests/worker/datasets/fixture.h"
#include "worker/datasets/dataset.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using testing::TempFolder;

std::vector<std::int64_t> per_class(const Dataset& dataset, Subset subset) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(dataset.info().classes));
  for (const int label : dataset.labels(subset)) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

// Mean and standard deviation of the training images, each pixel scaled to [0, 1], over all
// channels.
std::array<double, 2> moments(const Dataset& dataset) {
  std::array<double, 256> histogram{};
  for (const auto pixel : dataset.images(Subset::kTrain)) ++histogram[pixel];
  double sum = 0, squares = 0, count = 0;
  for (std::size_t value = 0; value < histogram.size(); ++value) {
    const double scaled = static_cast<double>(value) / 255;
    count += histogram[value];
    sum += histogram[value] * scaled;
    squares += histogram[value] * scaled * scaled;
  }
  return {sum / count, std::sqrt(squares / count - sum / count * (sum / count))};
}

TEST(RealData, Cifar100OpensAndMapsInUnderASecondLater) {
  const fs::path unpack = source_dir() / "../shared/data/unpack.sh";
  if (!fs::exists(unpack))
    GTEST_SKIP() << "needs " << unpack << ", which is not part of the repository";
  const TempFolder folder;
  ASSERT_EQ(
      std::system(("bash '" + unpack.string() + "' '" + folder.path().string() + "'").c_str()), 0);
  const auto first = open_dataset("cifar100", {.data_dir = folder.path()});
  ASSERT_TRUE(first) << to_string(first.error());

  const auto start = std::chrono::steady_clock::now();
  const auto dataset = open_dataset("cifar100", {.data_dir = folder.path()});
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  ASSERT_TRUE(dataset) << to_string(dataset.error());
  EXPECT_EQ(per_class(*dataset, Subset::kTrain), std::vector<std::int64_t>(100, 500));
  EXPECT_EQ(per_class(*dataset, Subset::kTest), std::vector<std::int64_t>(100, 100));

  std::ifstream raw(folder / "train.bin", std::ios::binary);
  std::vector<char> record(2 + kImageBytes);
  raw.seekg(49'999 * std::ssize(record));
  raw.read(record.data(), std::ssize(record));
  EXPECT_EQ(dataset->labels(Subset::kTrain)[49'999], static_cast<std::uint8_t>(record[1]));
  EXPECT_TRUE(std::ranges::equal(dataset->images(Subset::kTrain).last(kImageBytes),
                                 std::span(record).subspan(2), {}, {},
                                 [](char byte) { return static_cast<std::uint8_t>(byte); }));

  fs::resize_file(folder / "train.bin", 153'699'999);
  const auto cut_off = open_dataset("cifar100", {.data_dir = folder.path()});
  ASSERT_FALSE(cut_off);
  EXPECT_EQ(cut_off.error().what, "is 153699999 bytes, expected 153700000");
}

TEST(RealData, FashionMnistOfDebianHasThePublishedMoments) {
  if (!fs::exists("/usr/share/datasets/fashion-mnist")) {
    GTEST_SKIP() << "needs Debian's package dataset-fashion-mnist";
  }
  const TempFolder cache;
  const auto dataset = open_dataset("fashion_mnist", {.cache_dir = cache.path()});
  ASSERT_TRUE(dataset) << to_string(dataset.error());
  EXPECT_EQ(per_class(*dataset, Subset::kTrain), std::vector<std::int64_t>(10, 6000));
  EXPECT_EQ(per_class(*dataset, Subset::kTest), std::vector<std::int64_t>(10, 1000));
  const auto [mean, stddev] = moments(*dataset);
  EXPECT_NEAR(mean, dataset->info().mean[0], 5e-5);
  EXPECT_NEAR(stddev, dataset->info().stddev[0], 5e-5);
}

}  // namespace
}  // namespace firesweep
