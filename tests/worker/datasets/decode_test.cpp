#include "worker/datasets/decode.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/worker/datasets/fixture.h"
#include "worker/datasets/dataset.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using testing::files_below;
using testing::TempFolder;
using testing::TinyDataset;
using testing::write_file;

// IDX: a dataset "grey" of 2 classes, 4 training and 2 test images in Fashion-MNIST's layout.
struct GreyDataset {
  DatasetSource source;
  std::vector<std::string> contents;  // before compression

  GreyDataset() {
    source.info = {"grey", 2, 4, 2, {0.5f, 0.5f, 0.5f}, {0.25f, 0.25f, 0.25f}, "grey-checksum"};
    source.folder = "grey";
    source.debian_package = "dataset-grey";
    add("train-images.gz", Subset::kTrain, RawFormat::kIdxImages, 4);
    add("train-labels.gz", Subset::kTrain, RawFormat::kIdxLabels, 4);
    add("test-images.gz", Subset::kTest, RawFormat::kIdxImages, 2);
    add("test-labels.gz", Subset::kTest, RawFormat::kIdxLabels, 2);
  }

  void write_to(const fs::path& folder) const {
    for (std::size_t i = 0; i < contents.size(); ++i) {
      write_file(folder / source.files[i].name, testing::gzip(contents[i]));
    }
  }

  void add(const std::string& name, Subset subset, RawFormat format, char count) {
    std::string bytes;
    if (format == RawFormat::kIdxImages) {
      bytes = std::string("\0\0\x08\x03\0\0\0", 7) + count + std::string("\0\0\0\x1c\0\0\0\x1c", 8);
      for (int i = 0; i < count * kIdxSide * kIdxSide; ++i) bytes += static_cast<char>(i * 13 + 1);
    } else {
      bytes = std::string("\0\0\x08\x01\0\0\0", 7) + count;
      for (int i = 0; i < count; ++i) bytes += static_cast<char>(i % 2);
    }
    source.files.push_back({name, subset, format, std::ssize(bytes), testing::sha256_of(bytes)});
    contents.push_back(bytes);
  }
};

TEST(Decode, GreyImagesArePaddedByTwoAndShownAsThreeChannels) {
  const GreyDataset grey;
  const TempFolder system, cache;
  grey.write_to(system / "grey");
  const auto dataset =
      open_dataset(grey.source, {.cache_dir = cache.path(), .system_dir = system.path()});
  ASSERT_TRUE(dataset) << to_string(dataset.error());
  const auto images = dataset->images(Subset::kTrain);
  for (int at = 0; at < 4 * kImageBytes; ++at) {
    const int image = static_cast<int>(at / kImageBytes), row = at / kSide % kSide - 2,
              column = at % kSide - 2;
    const bool inside = row >= 0 && row < kIdxSide && column >= 0 && column < kIdxSide;
    const int expected =
        inside ? (image * kIdxSide * kIdxSide + row * kIdxSide + column) * 13 + 1 : 0;
    ASSERT_EQ(images[at], static_cast<std::uint8_t>(expected))
        << "image " << image << " row " << row;
  }
  EXPECT_EQ(dataset->labels(Subset::kTrain)[3], 1);
  EXPECT_EQ(dataset->labels(Subset::kTest)[0], 0);
}

TEST(Decode, SystemFoldersAreNeverWritten) {
  const GreyDataset grey;
  const TempFolder system, cache;
  grey.write_to(system / "grey");
  const auto before = files_below(system.path());
  const auto dataset =
      open_dataset(grey.source, {.cache_dir = cache.path(), .system_dir = system.path()});
  ASSERT_TRUE(dataset) << to_string(dataset.error());
  EXPECT_EQ(dataset->path(), cache / "grey.decoded");
  EXPECT_EQ(files_below(system.path()), before);

  const auto nowhere = open_dataset(grey.source, {.system_dir = system.path()});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().hint, "set HOME or XDG_CACHE_HOME");
}

TEST(Decode, GzippedFilesThatAreCutOffOtherOrNoGzipAreRefused) {
  const GreyDataset grey;
  const std::string whole = testing::gzip(grey.contents[0]);
  const auto refusal = [&](const std::string& bytes) {
    const TempFolder folder;
    grey.write_to(folder.path());
    write_file(folder / "train-images.gz", bytes);
    const auto dataset = open_dataset(grey.source, {.data_dir = folder.path()});
    EXPECT_FALSE(dataset);
    if (dataset) return std::string();
    EXPECT_EQ(dataset.error().code, ErrorCode::kBadInput);
    EXPECT_EQ(dataset.error().where, (folder / "train-images.gz").string());
    return dataset.error().what;
  };
  EXPECT_EQ(refusal(whole.substr(0, whole.size() / 2)),
            "cannot be read beyond 151 bytes of content: truncated gzip input");
  EXPECT_EQ(refusal(grey.contents[0]), "is not gzip data");
  EXPECT_EQ(refusal(""), "is not gzip data");
  EXPECT_EQ(refusal(testing::gzip(grey.contents[0].substr(0, 100))),
            "content is 100 bytes, expected 3152");
  EXPECT_EQ(refusal(testing::gzip(grey.contents[0] + "more")),
            "content is at least 3153 bytes, expected 3152");
  std::string other = grey.contents[0];
  other.back() ^= 1;
  EXPECT_EQ(refusal(testing::gzip(other)), "content has sha256 " + testing::sha256_of(other) +
                                               ", expected " + grey.source.files[0].sha256);
}

TEST(Decode, IdxHeaderOfAnotherShapeIsRefused) {
  GreyDataset grey;
  grey.contents[0][11] = 14;  // 14 rows
  grey.source.files[0].sha256.clear();
  const TempFolder folder;
  grey.write_to(folder.path());
  const auto dataset = open_dataset(grey.source, {.data_dir = folder.path()});
  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().what, "IDX header has 14 in field 2, expected 28");
}

TEST(Decode, WithoutKnownChecksumLabelsMustBeInRangeAndBalanced) {
  TinyDataset tiny;
  for (auto& file : tiny.source.files) file.sha256.clear();
  const TempFolder good, unbalanced, out_of_range;
  tiny.write_to(good.path());
  EXPECT_TRUE(open_dataset(tiny.source, {.data_dir = good.path()}));

  tiny.contents[0][1] = 3;  // image 0, fine label 0
  tiny.write_to(unbalanced.path());
  auto dataset = open_dataset(tiny.source, {.data_dir = unbalanced.path()});
  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().what, "class 0 has 9 images, expected 10");

  tiny.contents[0][1] = 4;
  tiny.write_to(out_of_range.path());
  dataset = open_dataset(tiny.source, {.data_dir = out_of_range.path()});
  ASSERT_FALSE(dataset);
  EXPECT_EQ(dataset.error().what, "label 4 of image 0, expected less than 4");
}

}  // namespace
}  // namespace firesweep
