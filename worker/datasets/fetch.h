// Gets a dataset from its official site: downloads, verifies, unpacks and moves it into its folder.
// The images belong to their authors; none of them is part of this project.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "worker/datasets/download.h"
#include "worker/datasets/source.h"

namespace firesweep {

struct FetchOptions {
  std::filesystem::path target_dir;  // created if it does not exist
  std::string url_base{kOfficialUrlBase};
  DownloadLimits limits;
};

struct Fetched {
  std::filesystem::path folder;  // holds the verified raw files: target_dir/<the archive's folder>
  bool was_there = false;        // was already complete; nothing was downloaded
};

// Puts the dataset's verified raw files below target_dir, where open_dataset finds them if it is
// given target_dir. If the right files are already there, it downloads nothing. If several
// processes call it, one downloads; the others wait and report its progress.
// - kUnavailable: the server cannot be reached, answers with an error or stalls, or `progress`
//   stopped it; names the URL and the reason. The received bytes are kept as <archive>.part; the
//   next call continues the download.
// - kBadInput: the archive has a wrong checksum or is damaged; names what was expected and found.
// The
//   archive is removed.
// - kNotFound: unknown name, or a dataset that comes as a Debian package (the hint says how).
// - kIo: target_dir cannot be written, or the disk is full.
// Existing files are replaced only by verified ones. Safe from any thread.
Result<Fetched> fetch_dataset(std::string_view name, const FetchOptions& options,
                              const ProgressCallback& progress);

// The same for a source that is not in the table of known datasets.
Result<Fetched> fetch_dataset(const DatasetSource& source, const FetchOptions& options,
                              const ProgressCallback& progress);

}  // namespace firesweep
