// One file from a web server to disk, by libcurl: resumable, cancellable, never waiting for ever.
// What the bytes are worth is the caller's matter.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "shared/base/error.h"

namespace firesweep {

struct DownloadProgress {
  std::int64_t done_bytes = 0;              // on disk, those of earlier runs included
  std::optional<std::int64_t> total_bytes;  // none while the server has not said
  double bytes_per_second = 0;              // of this connection, on average
};

// Called about ten times a second, also while nothing comes. False stops the download.
using ProgressCallback = std::function<bool(const DownloadProgress&)>;

struct DownloadLimits {
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds stall_timeout{30'000};  // without a single byte, seen within a second
  int connections = 5;  // each after the first continues where a broken one ended
  std::int64_t max_bytes = std::int64_t{1} << 30;
};

// Brings `url` (http or https, up to 5 redirects) whole into `part`, continuing behind the bytes
// `part` already has where the server allows (HTTP Range), from the start where not. An empty
// callback is allowed. kUnavailable names the URL and curl's reason, also when the callback stopped
// it: what has come stays in `part` for the next call. kIo where `part` cannot be written;
// kBadInput beyond max_bytes, and then `part` is removed. Safe from any thread, with one call a
// `part`.
Result<void> download(const std::string& url, const std::filesystem::path& part,
                      const DownloadLimits& limits, const ProgressCallback& progress);

}  // namespace firesweep
