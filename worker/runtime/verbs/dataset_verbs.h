// `firesweep-worker dataset fetch|check`: downloads images, and verifies them.
#pragma once

#include <iosfwd>
#include <string>

#include "shared/base/error.h"
#include "worker/datasets/fetch.h"
#include "worker/runtime/options/options.h"

namespace firesweep {

// "cifar100  ████████░░░░░░░░  52%  84.1 / 161.2 MB  6.3 MB/s  12 s left", at most `width` columns.
// Pure.
std::string progress_line(const std::string& name, const DownloadProgress& progress, int width);

// Shows the progress of a download: on a terminal one line that is updated in place, elsewhere a
// plain line at each tenth. Not thread-safe.
class ProgressDisplay {
 public:
  ProgressDisplay(std::string name, std::ostream& out, bool terminal, int width);
  void show(const DownloadProgress& progress);
  // Ends the updated line, if there is one.
  void finish();

 private:
  std::string name_;
  std::ostream& out_;
  bool terminal_;
  int width_;
  int tenths_shown_ = -1;
  bool begun_ = false;
};

// fetch_dataset of worker/datasets/fetch.h. main passes it, since not every build links it. Null:
// this build cannot download.
using FetchFunction = Result<Fetched> (*)(std::string_view name, const FetchOptions& options,
                                          const ProgressCallback& progress);

// Downloads, verifies and unpacks. Ctrl-C and SIGTERM stop it; the received bytes are kept. Prints
// the dataset's folder, or the error. Without a `fetch` it prints how to get the dataset on another
// machine. Returns the exit code. Call from the main thread before any other thread exists.
int fetch_verb(const command::FetchDataset& wanted, FetchFunction fetch);

// Opens the dataset as a slot would and verifies it. Prints a description and the folder, or the
// error. Returns the exit code.
int check_verb(const command::CheckDataset& check);

}  // namespace firesweep
