#include <zlib.h>

#include <string>
#include <vector>

#include "tests/fuzz/scratch.h"
#include "worker/datasets/dataset.h"
#include "worker/datasets/decode.h"
#include "worker/datasets/source.h"
#include "worker/datasets/unpack.h"

namespace firesweep::fuzz {
namespace {

bool is_gzipped(Bytes bytes) { return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b; }

std::vector<std::uint8_t> gzipped(Bytes bytes) {
  constexpr int kGzip = 15 + 16, kMemory = 8;
  z_stream stream{};
  require(
      deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzip, kMemory, Z_DEFAULT_STRATEGY) == Z_OK,
      "zlib starts");
  std::vector<std::uint8_t> packed(deflateBound(&stream, static_cast<uLong>(bytes.size())));
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib packs");
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

// Two grey images for training and one to test with, of two classes.
DatasetSource small_source() {
  DatasetSource source;
  source.info.name = "small";
  source.info.classes = 2;
  source.info.train_count = source.info.test_count = 2;
  const std::int64_t pixels = kIdxSide * kIdxSide;
  source.files = {
      {"train-images.gz", Subset::kTrain, RawFormat::kIdxImages, kIdxImagesHeaderBytes + 2 * pixels,
       ""},
      {"train-labels.gz", Subset::kTrain, RawFormat::kIdxLabels, kIdxLabelsHeaderBytes + 2, ""},
      {"test-images.gz", Subset::kTest, RawFormat::kIdxImages, kIdxImagesHeaderBytes + 2 * pixels,
       ""},
      {"test-labels.gz", Subset::kTest, RawFormat::kIdxLabels, kIdxLabelsHeaderBytes + 2, ""}};
  return source;
}

std::vector<std::uint8_t> idx(std::initializer_list<std::uint8_t> header, std::size_t content) {
  std::vector<std::uint8_t> bytes(header);
  for (std::size_t i = 0; i < content; ++i) bytes.push_back(static_cast<std::uint8_t>(i % 2));
  return bytes;
}

void try_unpack(Bytes bytes) {
  const auto archive = put_file("archive.tar.gz", bytes);
  const auto folder = scratch_folder() / "unpacked";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  const std::vector<ArchiveMember> members = {{"small/a.bin", folder / "a.bin", 3, ""},
                                              {"small/b.bin", folder / "b.bin", 600, ""}};
  const auto unpacked = unpack(archive, members);
  if (!unpacked) require(!unpacked.error().what.empty(), "a refusal says what is wrong");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    require(entry.is_regular_file() && !entry.is_symlink(), "only plain files are unpacked");
    const auto name = entry.path().filename();
    require(name == "a.bin" || name == "b.bin", "only members that were asked for are unpacked");
  }
}

// The images are the stranger's; the other three files are good.
void try_idx(Bytes bytes) {
  static const DatasetSource kSource = small_source();
  const std::size_t pixels = static_cast<std::size_t>(kIdxSide * kIdxSide);
  const auto images = idx({0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28}, 2 * pixels);
  const auto labels = idx({0, 0, 8, 1, 0, 0, 0, 2}, 2);
  const std::vector<std::uint8_t> given =
      is_gzipped(bytes) ? std::vector<std::uint8_t>(bytes.begin(), bytes.end()) : gzipped(bytes);
  put_file("train-images.gz", given);
  put_file("train-labels.gz", gzipped(labels));
  put_file("test-images.gz", gzipped(images));
  put_file("test-labels.gz", gzipped(labels));
  const auto decoded = scratch_folder() / decoded_file_name(kSource.info);
  std::filesystem::remove(decoded);
  const auto made = make_decoded_file(kSource, scratch_folder(), decoded);
  if (!made) {
    require(!made.error().what.empty(), "a refusal says what is wrong");
    return require(!std::filesystem::exists(decoded), "a refusal leaves nothing");
  }
  require(DecodedFile::open(decoded, kSource.info).has_value(), "what was decoded is opened");
}

}  // namespace

void try_dataset(Bytes bytes) {
  try_unpack(bytes);
  try_idx(bytes);
}

}  // namespace firesweep::fuzz
