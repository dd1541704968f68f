// `firesweep-worker dataset fetch|check`: what a person types to get images and to see whether they
// are right.
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

// Shows a download: one line redrawn in place on a terminal, elsewhere a plain line at each tenth
// of the whole. Not thread-safe.
class ProgressDisplay {
 public:
  ProgressDisplay(std::string name, std::ostream& out, bool terminal, int width);
  void show(const DownloadProgress& progress);
  // Ends the redrawn line, where one was begun.
  void finish();

 private:
  std::string name_;
  std::ostream& out_;
  bool terminal_;
  int width_;
  int tenths_shown_ = -1;
  bool begun_ = false;
};

// fetch_dataset of worker/datasets/fetch.h, handed over by main, since not every build links it.
// Null: this build downloads nothing.
using FetchFunction = Result<Fetched> (*)(std::string_view name, const FetchOptions& options,
                                          const ProgressCallback& progress);

// Downloads, verifies and unpacks; Ctrl-C and SIGTERM stop it, and what has come is kept. Prints
// where the dataset lies, or the error; without a `fetch`, where another machine gets it and how it
// is used here. Returns the exit code. Call from the main thread before any other thread exists.
int fetch_verb(const command::FetchDataset& wanted, FetchFunction fetch);

// Opens the dataset as a slot would and verifies it. Prints what it is and where, or the error.
// Returns the exit code.
int check_verb(const command::CheckDataset& check);

}  // namespace firesweep
