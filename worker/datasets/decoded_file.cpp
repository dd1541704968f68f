#include "worker/datasets/decoded_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

namespace firesweep {
namespace {

static_assert(std::endian::native == std::endian::little, "decoded files are little-endian");
static_assert(std::is_trivially_copyable_v<DecodedHeader>);
static_assert(sizeof(DecodedHeader) == 8 + 4 + 4 + 8 + 8 + 64 + 192 + 4 + 4 + 16 * kMaxRawFiles);
static_assert(sizeof(DecodedHeader) <= kDecodedHeaderBytes);

constexpr std::array<char, 8> kMagic = {'F', 'S', 'W', 'I', 'M', 'G', 'S', '\0'};

template <std::size_t N>
std::string_view text_of(const std::array<char, N>& field) {
  return {field.data(), strnlen(field.data(), N)};
}

template <std::size_t N>
void put_text(std::array<char, N>& field, std::string_view text) {
  assert(text.size() < N);
  std::ranges::copy(text, field.begin());
}

}  // namespace

std::string decoded_file_name(const DatasetInfo& info) { return info.name + ".decoded"; }

DecodedHeader make_decoded_header(const DatasetInfo& info, std::span<const FileStamp> stamps) {
  assert(stamps.size() <= kMaxRawFiles);
  DecodedHeader header{};
  header.magic = kMagic;
  header.version = kDecodedVersion;
  header.classes = static_cast<std::uint32_t>(info.classes);
  header.train_count = info.train_count;
  header.test_count = info.test_count;
  put_text(header.name, info.name);
  put_text(header.checksum, info.checksum);
  header.raw_files = static_cast<std::uint32_t>(stamps.size());
  std::ranges::copy(stamps, header.stamps.begin());
  return header;
}

std::int64_t decoded_file_bytes(const DatasetInfo& info) {
  return kDecodedHeaderBytes + (info.train_count + info.test_count) * (kImageBytes + 1);
}

DecodedFile::DecodedFile(DecodedFile&& other) noexcept
    : path_(std::move(other.path_)),
      info_(std::move(other.info_)),
      bytes_(std::exchange(other.bytes_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

DecodedFile::~DecodedFile() {
  if (bytes_ != nullptr) ::munmap(const_cast<std::uint8_t*>(bytes_), size_);
}

Result<DecodedFile> DecodedFile::open(const std::filesystem::path& path, const DatasetInfo& info) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return fail(ErrorCode::kNotFound, path.string(), "no such file");
  if (!fd) return io_failure(path, "cannot be opened");
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return io_failure(path, "cannot be examined");
  const std::int64_t expected = decoded_file_bytes(info);
  if (!S_ISREG(status.st_mode) || status.st_size != expected) {
    return fail(ErrorCode::kBadInput, path.string(),
                "decoded file has " + std::to_string(status.st_size) + " bytes, expected " +
                    std::to_string(expected));
  }
  DecodedFile file(path, info);
  file.size_ = static_cast<std::size_t>(expected);
  void* mapped = ::mmap(nullptr, file.size_, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (mapped == MAP_FAILED) return io_failure(path, "cannot be mapped");
  file.bytes_ = static_cast<const std::uint8_t*>(mapped);
  if (auto checked = file.check(); !checked) return tl::unexpected(checked.error());
  return file;
}

Result<void> DecodedFile::check() const {
  const DecodedHeader& found = header();
  const auto differs = [&](const std::string& field, const auto& is, const auto& expected) {
    return fail(ErrorCode::kBadInput, path_.string(),
                "decoded file has " + field + " " + is + ", expected " + expected);
  };
  if (found.magic != kMagic) {
    return fail(ErrorCode::kBadInput, path_.string(), "is not a decoded dataset");
  }
  if (found.version != kDecodedVersion) {
    return differs("version", std::to_string(found.version), std::to_string(kDecodedVersion));
  }
  if (text_of(found.name) != info_.name) {
    return differs("dataset", std::string(text_of(found.name)), info_.name);
  }
  if (text_of(found.checksum) != info_.checksum) {
    return differs("checksum", std::string(text_of(found.checksum)), info_.checksum);
  }
  const auto shape = [](auto classes, auto train, auto test) {
    return std::to_string(classes) + "/" + std::to_string(train) + "/" + std::to_string(test);
  };
  const auto is = shape(found.classes, found.train_count, found.test_count);
  const auto expected = shape(info_.classes, info_.train_count, info_.test_count);
  if (is != expected) return differs("classes/train/test", is, expected);
  for (const Subset subset : {Subset::kTrain, Subset::kTest}) {
    const auto all = labels(subset);
    const auto wrong = std::ranges::find_if(all, [&](int label) { return label >= info_.classes; });
    if (wrong != all.end()) {
      return differs("label", std::to_string(*wrong), "less than " + std::to_string(info_.classes));
    }
  }
  return {};
}

const DecodedHeader& DecodedFile::header() const {
  return *reinterpret_cast<const DecodedHeader*>(bytes_);
}

bool DecodedFile::made_from(std::span<const FileStamp> stamps) const {
  const auto& found = header();
  const std::size_t count = std::min<std::size_t>(found.raw_files, kMaxRawFiles);
  return std::ranges::equal(std::span(found.stamps).first(count), stamps);
}

std::int64_t DecodedFile::count(Subset subset) const {
  return subset == Subset::kTrain ? info_.train_count : info_.test_count;
}

std::span<const std::uint8_t> DecodedFile::images(Subset subset) const {
  const std::int64_t before = subset == Subset::kTrain ? 0 : info_.train_count;
  return {bytes_ + kDecodedHeaderBytes + before * kImageBytes,
          static_cast<std::size_t>(count(subset) * kImageBytes)};
}

std::span<const std::uint8_t> DecodedFile::labels(Subset subset) const {
  const std::int64_t images = info_.train_count + info_.test_count;
  const std::int64_t before = subset == Subset::kTrain ? 0 : info_.train_count;
  return {bytes_ + kDecodedHeaderBytes + images * kImageBytes + before,
          static_cast<std::size_t>(count(subset))};
}

}  // namespace firesweep
