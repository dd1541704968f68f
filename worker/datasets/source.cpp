#include "worker/datasets/source.h"

#include <algorithm>
#include <cassert>
#include <string>

#include "shared/base/near_miss.h"

namespace firesweep {
namespace {

DatasetSource cifar100() {
  constexpr std::int64_t kRecordBytes = 2 + kImageBytes;
  DatasetSource source;
  source.info = dataset_info(DatasetName::kCifar100);
  source.label_bytes = 2;
  source.files = {
      {"train.bin", Subset::kTrain, RawFormat::kRecords, 50'000 * kRecordBytes,
       "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29"},
      {"test.bin", Subset::kTest, RawFormat::kRecords, 10'000 * kRecordBytes,
       "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a"},
  };
  source.folder = "cifar-100-binary";
  source.archive = "cifar-100-binary.tar.gz";
  source.archive_md5 = "03b5dce01913d631647c71ecec9e9cb8";
  source.other_version = "cifar-100-python";
  source.other_files = {"train", "test", "meta"};
  return source;
}

// Its authors publish the archive's md5 alone. The sha256 of its files are those that
// torchvision-ruby (ankane/torchvision-ruby, lib/torchvision/datasets/cifar10.rb) publishes and
// checks; its sums of CIFAR-100 are those of the real files.
DatasetSource cifar10() {
  constexpr std::int64_t kFileBytes = 10'000 * (1 + kImageBytes);
  DatasetSource source;
  source.info = dataset_info(DatasetName::kCifar10);
  constexpr std::string_view kTrainSums[] = {
      "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
      "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
      "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
      "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
      "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"};
  for (const std::string_view sum : kTrainSums) {
    source.files.push_back({"data_batch_" + std::to_string(source.files.size() + 1) + ".bin",
                            Subset::kTrain, RawFormat::kRecords, kFileBytes, std::string(sum)});
  }
  source.files.push_back({"test_batch.bin", Subset::kTest, RawFormat::kRecords, kFileBytes,
                          "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"});
  source.decoded_unchecked_before = true;
  source.folder = "cifar-10-batches-bin";
  source.archive = "cifar-10-binary.tar.gz";
  source.archive_md5 = "c32a1d4ab5d03f1284b67883e8d87530";
  source.other_version = "cifar-10-batches-py";
  source.other_files = {"data_batch_1", "test_batch", "batches.meta"};
  return source;
}

// Debian packs the four files anew, so their gzip checksums differ from the published ones; the
// content is the same.
DatasetSource fashion_mnist() {
  constexpr std::int64_t kPixels = kIdxSide * kIdxSide;
  DatasetSource source;
  source.info = dataset_info(DatasetName::kFashionMnist);
  source.files = {
      {"train-images-idx3-ubyte.gz", Subset::kTrain, RawFormat::kIdxImages,
       kIdxImagesHeaderBytes + 60'000 * kPixels,
       "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"},
      {"train-labels-idx1-ubyte.gz", Subset::kTrain, RawFormat::kIdxLabels,
       kIdxLabelsHeaderBytes + 60'000,
       "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
      {"t10k-images-idx3-ubyte.gz", Subset::kTest, RawFormat::kIdxImages,
       kIdxImagesHeaderBytes + 10'000 * kPixels,
       "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"},
      {"t10k-labels-idx1-ubyte.gz", Subset::kTest, RawFormat::kIdxLabels,
       kIdxLabelsHeaderBytes + 10'000,
       "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"},
  };
  source.folder = "fashion-mnist";
  source.debian_package = "dataset-fashion-mnist";
  return source;
}

}  // namespace

const std::string_view kOfficialUrlBase = "https://www.cs.toronto.edu/~kriz";

bool has_known_checksums(const DatasetSource& source) {
  return std::ranges::none_of(source.files,
                              [](const RawFile& file) { return file.sha256.empty(); });
}

std::string hint_for_bad_file(const DatasetSource& source) {
  std::string hint = "the file is cut off, corrupt or another one";
  if (!source.archive.empty()) {
    hint += "; a good copy: firesweep-worker dataset fetch " + source.info.name;
  }
  return hint;
}

bool results_tell_content(const DatasetSource& source) {
  return source.decoded_unchecked_before || !has_known_checksums(source);
}

Result<const DatasetSource*> find_source(std::string_view name) {
  static const std::vector<DatasetSource> sources = {cifar100(), cifar10(), fashion_mnist()};
  const auto it = std::ranges::find_if(
      sources, [&](const DatasetSource& source) { return source.info.name == name; });
  if (it != sources.end()) return &*it;
  std::vector<std::string_view> names;
  std::string listed;
  for (const auto& source : sources) {
    names.push_back(source.info.name);
    listed += (listed.empty() ? "" : ", ") + source.info.name;
  }
  return fail(ErrorCode::kNotFound, "dataset",
              "unknown dataset \"" + std::string(name) + "\", expected one of " + listed,
              did_you_mean(name, names));
}

}  // namespace firesweep
