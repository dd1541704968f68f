// Where each known dataset comes from and what its raw files must be: names, exact sizes,
// checksums, record layout. A table of facts; it reads nothing.
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
  std::string sha256;              // of the content; empty where its authors and we know none

  bool compressed() const { return format != RawFormat::kRecords; }
};

struct DatasetSource {
  DatasetInfo info;
  int label_bytes = 1;         // before each record: 2 for CIFAR-100 (coarse, fine)
  std::vector<RawFile> files;  // of one subset in the order of its images
  std::string folder;          // the folder within the archive, or below a data folder
  std::string archive;         // file below the URL base; empty: not to be downloaded
  std::string archive_md5;
  std::string debian_package;  // lays `folder` below /usr/share/datasets; empty: none
  // Older builds made decoded files of it without knowing its files' checksums.
  bool decoded_unchecked_before = false;
  // The version for Python: the folder of its archive, and its files, beside which people look for
  // ours in vain.
  std::string other_version;
  std::vector<std::string> other_files;
};

// "https://www.cs.toronto.edu/~kriz"
extern const std::string_view kOfficialUrlBase;

// Whether every file's checksum is known, so that what is opened is what its name says.
bool has_known_checksums(const DatasetSource& source);

// What helps where a file of it is not what it should be.
std::string hint_for_bad_file(const DatasetSource& source);

// Whether results tell the images that they were trained on: this build or an older one could open
// others under the same name.
bool results_tell_content(const DatasetSource& source);

// The source of a known dataset; kNotFound names it and a near miss. Safe from any thread.
Result<const DatasetSource*> find_source(std::string_view name);

}  // namespace firesweep
