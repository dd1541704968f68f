// Gets a dataset from its official place: download, verify, unpack, move into place. The licence of
// the images is their authors'; nothing of them is part of this project.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "worker/datasets/download.h"
#include "worker/datasets/source.h"

namespace firesweep {

struct FetchOptions {
  std::filesystem::path target_dir;  // made where it does not exist
  std::string url_base{kOfficialUrlBase};
  DownloadLimits limits;
};

struct Fetched {
  std::filesystem::path folder;  // holds the verified raw files: target_dir/<the archive's folder>
  bool was_there = false;        // already whole; nothing was downloaded
};

// Leaves the dataset's verified raw files below target_dir, where open_dataset finds them given
// target_dir. Where they lie there already, whole and right, nothing is downloaded. Of several
// processes one fetches; the others wait and report the bytes it has.
// - kUnavailable: the server cannot be reached, answers with an error or stalls, or `progress`
//   stopped it; names the URL and the reason. What has come is kept as <archive>.part and the next
//   call continues it.
// - kBadInput: the archive has another checksum or is damaged; names what was expected and found.
//   The archive is removed.
// - kNotFound: unknown name, or a dataset that comes as a Debian package (the hint says how).
// - kIo: target_dir cannot be written, or the disk is full.
// Earlier files are replaced only by verified ones. Safe from any thread.
Result<Fetched> fetch_dataset(std::string_view name, const FetchOptions& options,
                              const ProgressCallback& progress);

// The same for a source that is not in the table of known ones.
Result<Fetched> fetch_dataset(const DatasetSource& source, const FetchOptions& options,
                              const ProgressCallback& progress);

}  // namespace firesweep
