#include "worker/datasets/decode.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "worker/datasets/decoded_file.h"
#include "worker/datasets/raw_reader.h"

namespace firesweep {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::int64_t kImagesAtOnce = 256;

// Appends one [28,28] grey image as [3,32,32], padded by 2 with zeros.
void append_padded(const std::uint8_t* grey, Bytes& out) {
  constexpr int kPad = (kSide - kIdxSide) / 2;
  std::array<std::uint8_t, kPlaneBytes> plane{};
  for (int row = 0; row < kIdxSide; ++row) {
    std::memcpy(&plane[(row + kPad) * kSide + kPad], grey + row * kIdxSide, kIdxSide);
  }
  for (int channel = 0; channel < kChannels; ++channel) {
    out.insert(out.end(), plane.begin(), plane.end());
  }
}

// Turns raw files of one source into images on disk and labels in memory.
class Decoder {
 public:
  Decoder(const DatasetSource& source, AtomicFile& out) : source_(source), out_(out) {}

  Result<void> decode(const RawFile& file, const std::filesystem::path& path) {
    auto reader = RawReader::open(path, file.compressed());
    if (!reader) return tl::unexpected(reader.error());
    Bytes header(header_bytes(file));
    const auto header_read = reader->read(header);
    if (!header_read) return tl::unexpected(header_read.error());
    if (auto read = read_units(file, *reader); !read) return read;
    if (auto whole = check_content(file, path, *reader); !whole) return whole;
    return check_header(file, path, header);
  }

  // After all files of a subset: the labels gathered, each below the number of classes.
  Result<Bytes> take_labels(Subset subset, const std::filesystem::path& folder) {
    const auto count =
        subset == Subset::kTrain ? source_.info.train_count : source_.info.test_count;
    assert(std::ssize(labels_) == count);
    std::vector<std::int64_t> per_class(static_cast<std::size_t>(source_.info.classes));
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      if (labels_[i] >= source_.info.classes) {
        return refuse(folder, "label " + std::to_string(labels_[i]) + " of image " +
                                  std::to_string(i) + ", expected less than " +
                                  std::to_string(source_.info.classes));
      }
      ++per_class[labels_[i]];
    }
    const auto other = std::ranges::find_if(
        per_class, [&](auto images) { return images * source_.info.classes != count; });
    if (unsummed_ && other != per_class.end()) {
      return refuse(folder, "class " + std::to_string(other - per_class.begin()) + " has " +
                                std::to_string(*other) + " images, expected " +
                                std::to_string(count / source_.info.classes));
    }
    return std::exchange(labels_, {});
  }

 private:
  static std::size_t header_bytes(const RawFile& file) {
    switch (file.format) {
      case RawFormat::kRecords:
        return 0;
      case RawFormat::kIdxImages:
        return kIdxImagesHeaderBytes;
      case RawFormat::kIdxLabels:
        return kIdxLabelsHeaderBytes;
    }
    return 0;
  }

  std::int64_t unit_bytes(const RawFile& file) const {
    switch (file.format) {
      case RawFormat::kRecords:
        return source_.label_bytes + kImageBytes;
      case RawFormat::kIdxImages:
        return kIdxSide * kIdxSide;
      case RawFormat::kIdxLabels:
        return 1;
    }
    return 1;
  }

  std::int64_t units(const RawFile& file) const {
    const auto payload = file.content_bytes - static_cast<std::int64_t>(header_bytes(file));
    assert(payload % unit_bytes(file) == 0);
    return payload / unit_bytes(file);
  }

  // Reads up to the expected number of units; a shorter file ends it early, for check_content to
  // tell.
  Result<void> read_units(const RawFile& file, RawReader& reader) {
    const std::int64_t unit = unit_bytes(file);
    Bytes raw, images;
    for (std::int64_t left = units(file); left > 0;) {
      raw.resize(static_cast<std::size_t>(std::min(left, kImagesAtOnce) * unit));
      const auto got = reader.read(raw);
      if (!got) return tl::unexpected(got.error());
      images.clear();
      for (std::int64_t at = 0; at + unit <= static_cast<std::int64_t>(*got); at += unit) {
        take_unit(file.format, raw.data() + at, images);
      }
      if (auto written = out_.write(images); !written) return written;
      if (*got < raw.size()) break;
      left -= std::min(left, kImagesAtOnce);
    }
    return {};
  }

  void take_unit(RawFormat format, const std::uint8_t* unit, Bytes& images) {
    switch (format) {
      case RawFormat::kRecords:
        labels_.push_back(unit[source_.label_bytes - 1]);
        images.insert(images.end(), unit + source_.label_bytes,
                      unit + source_.label_bytes + kImageBytes);
        break;
      case RawFormat::kIdxImages:
        append_padded(unit, images);
        break;
      case RawFormat::kIdxLabels:
        labels_.push_back(*unit);
        break;
    }
  }

  tl::unexpected<Error> refuse(const std::filesystem::path& path, const std::string& what) const {
    return fail(ErrorCode::kBadInput, path.string(), what, hint_for_bad_file(source_));
  }

  Result<void> check_content(const RawFile& file, const std::filesystem::path& path,
                             RawReader& reader) {
    std::array<std::uint8_t, 1> beyond{};
    const auto more = reader.read(beyond);
    if (!more) return tl::unexpected(more.error());
    if (reader.total_bytes() != file.content_bytes) {
      return refuse(path, "content is " + std::string(*more > 0 ? "at least " : "") +
                              std::to_string(reader.total_bytes()) + " bytes, expected " +
                              std::to_string(file.content_bytes));
    }
    if (file.sha256.empty()) {
      unsummed_ = true;
      return {};
    }
    const std::string found = reader.finish_sha256();
    if (found != file.sha256) {
      return refuse(path, "content has sha256 " + found + ", expected " + file.sha256);
    }
    return {};
  }

  // IDX: two zero bytes, 8 (uint8), the number of dimensions, then each big-endian.
  Result<void> check_header(const RawFile& file, const std::filesystem::path& path,
                            const Bytes& header) const {
    if (header.empty()) return {};
    std::vector<std::uint32_t> expected = {0x801, static_cast<std::uint32_t>(units(file))};
    if (file.format == RawFormat::kIdxImages) {
      expected = {0x803, expected[1], kIdxSide, kIdxSide};
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const std::uint8_t* at = header.data() + 4 * i;
      const std::uint32_t found = std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 |
                                  std::uint32_t{at[2]} << 8 | std::uint32_t{at[3]};
      if (found != expected[i]) {
        return refuse(path, "IDX header has " + std::to_string(found) + " in field " +
                                std::to_string(i) + ", expected " + std::to_string(expected[i]));
      }
    }
    return {};
  }

  const DatasetSource& source_;
  AtomicFile& out_;
  Bytes labels_;
  bool unsummed_ = false;  // some file's sha256 is not known
};

}  // namespace

Result<void> make_decoded_file(const DatasetSource& source, const std::filesystem::path& raw_folder,
                               const std::filesystem::path& decoded) {
  std::vector<FileStamp> stamps;
  for (const RawFile& file : source.files) {
    const auto path = raw_folder / file.name;
    const auto stamp = stamp_of(path);
    if (!stamp) return fail(ErrorCode::kIo, path.string(), "is not a readable file");
    stamps.push_back(*stamp);
  }
  auto out = AtomicFile::create(decoded);
  if (!out) return tl::unexpected(out.error());

  Bytes page(kDecodedHeaderBytes);
  DecodedHeader header = make_decoded_header(source.info, stamps);
  header.sums_checked = has_known_checksums(source) ? 1 : 0;
  std::memcpy(page.data(), &header, sizeof header);
  if (auto written = out->write(page); !written) return written;

  Decoder decoder(source, *out);
  Bytes labels;
  for (const Subset subset : {Subset::kTrain, Subset::kTest}) {
    for (const RawFile& file : source.files) {
      if (file.subset != subset) continue;
      if (auto done = decoder.decode(file, raw_folder / file.name); !done) return done;
    }
    const auto taken = decoder.take_labels(subset, raw_folder);
    if (!taken) return tl::unexpected(taken.error());
    labels.insert(labels.end(), taken->begin(), taken->end());
  }
  if (auto written = out->write(labels); !written) return written;
  return out->commit();
}

}  // namespace firesweep
