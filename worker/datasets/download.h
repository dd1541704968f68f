// Downloads one file from a web server with libcurl: can be resumed and cancelled, and never waits
// forever. The caller verifies the content.
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

// Called about ten times per second, even while no data arrives. If it returns false, the download
// stops.
using ProgressCallback = std::function<bool(const DownloadProgress&)>;

struct DownloadLimits {
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds stall_timeout{30'000};  // without a single byte, seen within a second
  int connections = 5;  // each after the first continues where a broken one ended
  std::int64_t max_bytes = std::int64_t{1} << 30;
};

// Downloads `url` (http or https, up to 5 redirects) completely into `part`. Continues after the
// bytes that `part` already has if the server supports it (HTTP Range), else from the start. The
// callback may be empty. kUnavailable names the URL and curl's reason, or says that the callback
// stopped it; the received bytes stay in `part` for the next call. kIo if `part` cannot be written;
// kBadInput above max_bytes, and then `part` is removed. Safe from any thread, with one call per
// `part` at a time.
Result<void> download(const std::string& url, const std::filesystem::path& part,
                      const DownloadLimits& limits, const ProgressCallback& progress);

}  // namespace firesweep
