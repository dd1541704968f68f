// The source of each known dataset, and its raw files: names, exact sizes, checksums, record
// layout. Data only; it reads no files.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/dataset_info.h"

namespace firesweep {

inline constexpr int kChannels = 3;
inline constexpr int kSide = 32;
inline constexpr std::int64_t kPlaneBytes = std::int64_t{kSide} * kSide;
inline constexpr std::int64_t kImageBytes = kChannels * kPlaneBytes;

enum class Subset { kTrain, kTest };

enum class RawFormat {
  kRecords,    // CIFAR binary: label bytes (the last one counts), then [3,32,32] uint8
  kIdxImages,  // gzipped IDX: 16-byte header, then [N,28,28] uint8, shown padded by 2 and as three
               // channels
  kIdxLabels,  // gzipped IDX: 8-byte header, then [N] uint8
};

inline constexpr std::int64_t kIdxSide = 28;
inline constexpr std::int64_t kIdxImagesHeaderBytes = 16;
inline constexpr std::int64_t kIdxLabelsHeaderBytes = 8;

struct RawFile {
  std::string name;
  Subset subset = Subset::kTrain;
  RawFormat format = RawFormat::kRecords;
  std::int64_t content_bytes = 0;  // after decompression
  std::string sha256;              // of the content; empty if none is known

  bool compressed() const { return format != RawFormat::kRecords; }
};

struct DatasetSource {
  DatasetInfo info;
  int label_bytes = 1;         // before each record: 2 for CIFAR-100 (coarse, fine)
  std::vector<RawFile> files;  // of one subset in the order of its images
  std::string folder;          // the folder within the archive, or below a data folder
  std::string archive;         // file below the URL base; empty: cannot be downloaded
  std::string archive_md5;
  std::string debian_package;  // installs `folder` below /usr/share/datasets; empty: none
  // Whether older builds made decoded files without knowing the checksums of its files.
  bool decoded_unchecked_before = false;
  // The version for Python, which users download by mistake: its archive's folder and its files.
  std::string other_version;
  std::vector<std::string> other_files;
};

// "https://www.cs.toronto.edu/~kriz"
extern const std::string_view kOfficialUrlBase;

// Whether the checksum of every file is known, so that the dataset's name determines its content.
bool has_known_checksums(const DatasetSource& source);

// What the user can do if a file of it has wrong content.
std::string hint_for_bad_file(const DatasetSource& source);

// Whether results name the content of their images: this build or an older one could open other
// images under the same name.
bool results_tell_content(const DatasetSource& source);

// The source of a known dataset; kNotFound with a suggestion for an unknown name. Safe from any
// thread.
Result<const DatasetSource*> find_source(std::string_view name);

}  // namespace firesweep
