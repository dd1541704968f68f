#include "worker/runtime/verbs/dataset_verbs.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string_view>

#include "worker/datasets/source.h"
#include "worker/runtime/exit_codes.h"
#include "worker/runtime/report_error.h"
#include "worker/runtime/supervisor/signal_fd.h"

namespace firesweep {
namespace {

constexpr int kNarrowest = 40;
constexpr int kDefaultWidth = 80;
constexpr int kBarCells = 24;

std::string megabytes(double bytes) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << bytes / 1e6;
  return text.str();
}

std::string time_left(double estimate) {
  const auto whole = static_cast<long>(std::ceil(estimate));
  if (whole < 100) return std::to_string(whole) + " s left";
  return std::to_string((whole + 59) / 60) + " min left";
}

int terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultWidth;
  return size.ws_col;
}

Error no_downloads(const command::FetchDataset& wanted) {
  const auto source = find_source(wanted.name);
  if (!source) return source.error();
  if ((*source)->archive.empty()) {
    return {ErrorCode::kNotFound, "dataset " + wanted.name,
            "is not downloaded, it comes as the Debian package " + (*source)->debian_package,
            "name the folder of its files with --data-dir or FIRESWEEP_DATA"};
  }
  return {ErrorCode::kNotFound, "dataset " + wanted.name,
          "found a build without downloads (a bundle), expected one that tools/build.sh made",
          "unpack " + std::string(kOfficialUrlBase) + "/" + (*source)->archive +
              " and name the folder with --data-dir or FIRESWEEP_DATA"};
}

// Standard error is a terminal that moves its cursor.
bool can_redraw() {
  const char* const term = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && term != nullptr && *term != '\0' &&
         std::string_view(term) != "dumb";
}

}  // namespace

std::string progress_line(const std::string& name, const DownloadProgress& progress, int width) {
  const double done = static_cast<double>(progress.done_bytes);
  std::string numbers = megabytes(done) + " MB";
  std::string bar;
  if (progress.total_bytes && *progress.total_bytes > 0) {
    const double total = static_cast<double>(*progress.total_bytes);
    const double share = std::clamp(done / total, 0.0, 1.0);
    numbers = std::to_string(static_cast<int>(100 * share)) + "%  " + megabytes(done) + " / " +
              megabytes(total) + " MB";
    const int full = static_cast<int>(share * kBarCells);
    for (int cell = 0; cell < kBarCells; ++cell) bar += cell < full ? "█" : "░";
    if (progress.bytes_per_second > 0 && share < 1.0) {
      numbers += "  " + megabytes(progress.bytes_per_second) + " MB/s";
      numbers += "  " + time_left((total - done) / progress.bytes_per_second);
    }
  }
  const std::string line = name + "  " + numbers;
  if (bar.empty() || static_cast<int>(line.size()) + kBarCells + 2 > width) {
    return line.substr(0, static_cast<std::size_t>(std::max(width, kNarrowest)));
  }
  return name + "  " + bar + "  " + numbers;
}

ProgressDisplay::ProgressDisplay(std::string name, std::ostream& out, bool terminal, int width)
    : name_(std::move(name)), out_(out), terminal_(terminal), width_(width) {}

void ProgressDisplay::show(const DownloadProgress& progress) {
  if (terminal_) {
    out_ << "\r\x1b[K" << progress_line(name_, progress, width_) << std::flush;
    begun_ = true;
    return;
  }
  if (!progress.total_bytes || *progress.total_bytes <= 0) return;
  const int tenths = static_cast<int>(10 * progress.done_bytes / *progress.total_bytes);
  if (tenths <= tenths_shown_) return;
  tenths_shown_ = tenths;
  out_ << name_ << ": " << 10 * tenths << "% of "
       << megabytes(static_cast<double>(*progress.total_bytes)) << " MB" << std::endl;
}

void ProgressDisplay::finish() {
  if (begun_) out_ << "\n" << std::flush;
  begun_ = false;
}

int fetch_verb(const command::FetchDataset& wanted, FetchFunction fetch) {
  if (fetch == nullptr) return report_error(no_downloads(wanted));
  SignalFd signals({SIGINT, SIGTERM});
  ProgressDisplay display(wanted.name, std::cerr, can_redraw(), terminal_width());
  bool interrupted = false;
  FetchOptions options;
  options.target_dir = wanted.target_dir;
  const auto fetched = fetch(wanted.name, options, [&](const DownloadProgress& progress) {
    display.show(progress);
    interrupted = interrupted || signals.next().has_value();
    return !interrupted;
  });
  display.finish();
  if (interrupted && !fetched) {
    std::cerr << "firesweep-worker: interrupted; the same command continues the download\n";
    return kWorkerInterrupted;
  }
  if (!fetched) return report_error(fetched.error());
  std::cout << wanted.name << (fetched->was_there ? " was there already: " : " is ready: ")
            << fetched->folder.string() << std::endl;
  return kWorkerDone;
}

int check_verb(const command::CheckDataset& check) {
  const auto dataset = open_dataset(check.name, check.data);
  if (!dataset) return report_error(dataset.error());
  const DatasetInfo& info = dataset->info();
  const auto source = find_source(check.name);
  const bool sums_known = source && has_known_checksums(**source);
  std::cout << info.name << ": " << info.train_count << " training and " << info.test_count
            << " test images, " << info.classes << " classes, "
            << (sums_known ? "verified"
                           : "NOT verified (of its files only sizes and labels can be checked)")
            << "; mapped from " << dataset->path().string() << std::endl;
  if (!sums_known) {
    std::cout << "sha256 of its images and labels: " << dataset->content()
              << " (equal on every host whose files are the same)" << std::endl;
  }
  const auto& asked = check.data.data_dir;
  if (asked && !dataset->path().string().starts_with(asked->string())) {
    std::cout << "note: --data-dir " << asked->string() << " does not hold them and is not used"
              << std::endl;
  }
  return kWorkerDone;
}

}  // namespace firesweep
