// The decoded file: a dataset in the layout that training needs, mapped read-only and shared by all
// slots of a host.
//
//   offset 0       header, 4096 bytes, little-endian (DecodedHeader, zero-padded)
//   offset 4096    images of the training set, [N,3,32,32] uint8
//   then           images of the test set, [M,3,32,32] uint8
//   then           labels of the training set, [N] uint8, and of the test set, [M] uint8; end of
//   file
//
// It is a cache: decode.h makes it from verified raw files. It is never edited; if anything
// differs, it is rejected and made again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/dataset_info.h"
#include "worker/datasets/file.h"
#include "worker/datasets/source.h"

namespace firesweep {

inline constexpr std::uint32_t kDecodedVersion = 1;
inline constexpr std::int64_t kDecodedHeaderBytes = 4096;
inline constexpr std::size_t kMaxRawFiles = 16;

struct DecodedHeader {
  std::array<char, 8> magic;  // "FSWIMGS\0"
  std::uint32_t version;
  std::uint32_t classes;
  std::int64_t train_count;
  std::int64_t test_count;
  std::array<char, 64> name;       // NUL-terminated
  std::array<char, 192> checksum;  // DatasetInfo::checksum, NUL-terminated
  std::uint32_t raw_files;
  std::uint32_t sums_checked;  // 1 where the sha256 of each of them was right
  std::array<FileStamp, kMaxRawFiles>
      stamps;  // of the raw files when they were verified, in the source's order
};

// "cifar100.decoded"
std::string decoded_file_name(const DatasetInfo& info);

// The header of a decoded file of `info` made from raw files of these stamps (at most
// kMaxRawFiles). Pure.
DecodedHeader make_decoded_header(const DatasetInfo& info, std::span<const FileStamp> stamps);

// Header, images and labels together.
std::int64_t decoded_file_bytes(const DatasetInfo& info);

// A mapped decoded file. Immutable; safe from any thread. The mapping stays valid for the object's
// lifetime, even if the file is replaced or deleted.
class DecodedFile {
 public:
  // Maps a decoded file of exactly this dataset. kNotFound if there is none; kBadInput names what
  // differs (size, header field, a label out of range); kIo if it cannot be read.
  static Result<DecodedFile> open(const std::filesystem::path& path, const DatasetInfo& info);

  DecodedFile(DecodedFile&& other) noexcept;
  DecodedFile& operator=(DecodedFile&&) = delete;
  ~DecodedFile();

  const DatasetInfo& info() const { return info_; }
  const std::filesystem::path& path() const { return path_; }

  // Whether it was made by a build that knew the sha256 of each raw file.
  bool sums_checked() const { return header().sums_checked != 0; }

  // Whether it was made from raw files of these stamps.
  bool made_from(std::span<const FileStamp> stamps) const;

  std::int64_t count(Subset subset) const;
  std::span<const std::uint8_t> images(Subset subset) const;  // [N,3,32,32] uint8
  std::span<const std::uint8_t> labels(
      Subset subset) const;  // [N] uint8, each below info().classes

 private:
  DecodedFile(std::filesystem::path path, DatasetInfo info)
      : path_(std::move(path)), info_(std::move(info)) {}
  Result<void> check() const;
  const DecodedHeader& header() const;

  std::filesystem::path path_;
  DatasetInfo info_;
  const std::uint8_t* bytes_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace firesweep
