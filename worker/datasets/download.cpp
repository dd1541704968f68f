#include "worker/datasets/download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <new>
#include <stdexcept>

#include "worker/datasets/file.h"

namespace firesweep {
namespace {

constexpr long kHttpOk = 200;
constexpr long kHttpRangeNotSatisfiable = 416;

void start_curl_once() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error("libcurl cannot be started");
}

// One connection that appends to the part. Curl calls back into it, so it does not move.
class Transfer {
 public:
  Transfer(const std::string& url, const std::filesystem::path& part, const DownloadLimits& limits,
           const ProgressCallback& progress)
      : url_(url), part_(part), limits_(limits), progress_(progress), curl_(curl_easy_init()) {
    if (!curl_) throw std::bad_alloc();
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  Result<void> open() {
    file_ = UniqueFd(
        ::open(part_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666));
    struct stat status{};
    if (!file_ || ::fstat(file_.get(), &status) != 0) return io_failure(part_, "cannot be opened");
    resumed_at_ = status.st_size;
    return {};
  }

  Result<void> empty() {
    if (::ftruncate(file_.get(), 0) != 0) return io_failure(part_, "cannot be emptied");
    resumed_at_ = 0;
    received_ = 0;
    return {};
  }

  CURLcode perform() {
    set_options();
    last_byte_ = std::chrono::steady_clock::now();
    const CURLcode code = curl_easy_perform(curl_.get());
    if (code == CURLE_OK && progress_) progress_(progress());
    return code;
  }

  std::string reason(CURLcode code) const {
    if (stalled_) {
      return "nothing came for " + std::to_string(limits_.stall_timeout.count()) + " ms";
    }
    if (code == CURLE_ABORTED_BY_CALLBACK) return "download was stopped";
    return error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
  }
  // Whether the connection broke after it had worked, so that another one may bring the rest.
  bool may_continue(CURLcode code) const {
    const bool broke = stalled_ || code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR ||
                       code == CURLE_HTTP2_STREAM;
    return broke && received_ > 0;
  }
  long http_status() const {
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }
  std::int64_t resumed_at() const { return resumed_at_; }
  std::int64_t received() const { return received_; }
  bool too_large() const { return too_large_; }
  const std::optional<Error>& write_error() const { return write_error_; }

 private:
  struct Free {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  };

  void set_options() {
    CURL* curl = curl_.get();
    curl_easy_setopt(curl, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "firesweep");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(limits_.connect_timeout.count()));
    curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(resumed_at_));
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_.data());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Transfer::on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
  }

  DownloadProgress progress() const {
    curl_off_t length = -1, speed = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    curl_easy_getinfo(curl_.get(), CURLINFO_SPEED_DOWNLOAD_T, &speed);
    DownloadProgress now{resumed_at_ + received_, std::nullopt, static_cast<double>(speed)};
    if (length > 0) now.total_bytes = resumed_at_ + length;
    return now;
  }

  static std::size_t on_bytes(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::size_t length = size * count;
    if (transfer.resumed_at_ + transfer.received_ + static_cast<std::int64_t>(length) >
        transfer.limits_.max_bytes) {
      transfer.too_large_ = true;
      return CURL_WRITEFUNC_ERROR;
    }
    const std::span whole(reinterpret_cast<const std::uint8_t*>(bytes), length);
    if (auto written = write_all(transfer.file_.get(), whole, transfer.part_); !written) {
      transfer.write_error_ = written.error();
      return CURL_WRITEFUNC_ERROR;
    }
    transfer.received_ += static_cast<std::int64_t>(length);
    transfer.last_byte_ = std::chrono::steady_clock::now();
    return length;
  }

  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    constexpr std::chrono::milliseconds kInterval{100};
    auto& transfer = *static_cast<Transfer*>(self);
    const auto now = std::chrono::steady_clock::now();
    transfer.stalled_ = now - transfer.last_byte_ > transfer.limits_.stall_timeout;
    if (transfer.stalled_) return 1;
    if (!transfer.progress_ || now - transfer.told_ < kInterval) return 0;
    transfer.told_ = now;
    return transfer.progress_(transfer.progress()) ? 0 : 1;
  }

  const std::string& url_;
  const std::filesystem::path& part_;
  const DownloadLimits& limits_;
  const ProgressCallback& progress_;
  std::unique_ptr<CURL, Free> curl_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  UniqueFd file_;
  std::int64_t resumed_at_ = 0;
  std::int64_t received_ = 0;
  bool too_large_ = false;
  std::optional<Error> write_error_;
  bool stalled_ = false;
  std::chrono::steady_clock::time_point last_byte_{}, told_{};
};

}  // namespace

Result<void> download(const std::string& url, const std::filesystem::path& part,
                      const DownloadLimits& limits, const ProgressCallback& progress) {
  start_curl_once();
  for (int connection = 1;; ++connection) {
    Transfer transfer(url, part, limits, progress);
    if (auto opened = transfer.open(); !opened) return opened;
    CURLcode code = transfer.perform();
    if (code == CURLE_RANGE_ERROR && transfer.http_status() == kHttpOk) {
      if (auto emptied = transfer.empty(); !emptied) return emptied;
      code = transfer.perform();
    }
    // 416 to a continued download: nothing lies behind what is already here.
    const bool nothing_left = transfer.resumed_at() > 0 && transfer.received() == 0 &&
                              transfer.http_status() == kHttpRangeNotSatisfiable;
    if (code == CURLE_OK || nothing_left) return {};
    if (const auto& failure = transfer.write_error()) return tl::unexpected(*failure);
    if (transfer.too_large()) {
      ::unlink(part.c_str());
      return fail(
          ErrorCode::kBadInput, url,
          "is larger than expected, more than " + std::to_string(limits.max_bytes) + " bytes");
    }
    if (transfer.may_continue(code) && connection < limits.connections) continue;
    const std::int64_t kept = transfer.resumed_at() + transfer.received();
    return fail(ErrorCode::kUnavailable, url, transfer.reason(code),
                kept > 0 ? std::to_string(kept) + " bytes are kept in " + part.string() +
                               "; the same command continues"
                         : "");
  }
}

}  // namespace firesweep
