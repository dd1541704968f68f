#include "worker/runtime/devices/device_place.h"

#include <errno.h>
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

namespace firesweep {
namespace {

constexpr int kLedgerByte = 0;

[[noreturn]] void broken(const std::filesystem::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

// Of this open file, not of the process: fcntl(2), "Open file description locks".
struct flock one_byte(short type, int byte) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  return lock;
}

// Waits for a lock; a byte that is unlocked or nobody's never waits.
void set_lock(int fd, short type, int byte, const std::filesystem::path& path) {
  struct flock lock = one_byte(type, byte);
  while (::fcntl(fd, F_OFD_SETLKW, &lock) != 0) {
    if (errno != EINTR) broken(path);
  }
}

// Whether another open file holds the byte.
bool held(int fd, int byte, const std::filesystem::path& path) {
  struct flock lock = one_byte(F_WRLCK, byte);
  if (::fcntl(fd, F_OFD_GETLK, &lock) != 0) broken(path);
  return lock.l_type != F_UNLCK;
}

std::string read_all(int fd, const std::filesystem::path& path) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) broken(path);
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  if (got < 0) broken(path);
  text.resize(static_cast<std::size_t>(got));
  return text;
}

// Over what was there: the locks belong to this very file, so that none can take its place. A
// reader stops at the text's last line, whatever an interrupted writer left behind it.
void rewrite(int fd, const std::string& text, const std::filesystem::path& path) {
  if (::pwrite(fd, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()) ||
      ::ftruncate(fd, static_cast<off_t>(text.size())) != 0)
    broken(path);
}

}  // namespace

DevicePlace::DevicePlace(std::filesystem::path ledger, std::int64_t memory_bytes, DeviceShape shape,
                         std::int64_t estimate_bytes)
    : path_(std::move(ledger)),
      memory_bytes_(memory_bytes),
      file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (!file_) broken(path_);
  line_.shape = std::move(shape);
  line_.estimate_bytes = estimate_bytes;
  revise([this](DeviceLedger& now) {
    int lock = 1;
    while (std::ranges::find(now.trials, lock, &DeviceLedger::Trial::lock) != now.trials.end() ||
           held(file_.get(), lock, path_))
      ++lock;
    set_lock(file_.get(), F_WRLCK, lock, path_);
    line_.lock = lock;
    now.trials.push_back(line_);
  });
}

DevicePlace::~DevicePlace() {
  try {
    revise([this](DeviceLedger& now) {
      now.trials.erase(now.trials.begin() + static_cast<std::ptrdiff_t>(own_line(now)));
    });
  } catch (const std::exception& failure) {  // closing the file frees the place all the same
    spdlog::warn("event=device_ledger_failed what=\"{}\"", failure.what());
  }
}

std::optional<std::string> DevicePlace::waits_for() {
  std::optional<std::string> what;
  revise([&](DeviceLedger& now) {
    if (line_.phase == DevicePhase::kSharing || line_.phase == DevicePhase::kAlone) return;
    what = now.waits_for(own_line(now));
    if (!what) now.admit(own_line(now));
  });
  return what;
}

void DevicePlace::want_alone() {
  revise([this](DeviceLedger& now) { now.want_alone(own_line(now)); });
}

void DevicePlace::measured(std::int64_t peak_bytes, std::int64_t beside_bytes, bool whole_epoch) {
  revise([&](DeviceLedger& now) {
    now.measured(own_line(now), peak_bytes, beside_bytes, whole_epoch);
  });
}

void DevicePlace::revise(const std::function<void(DeviceLedger&)>& change) {
  set_lock(file_.get(), F_WRLCK, kLedgerByte, path_);
  struct Unlock {
    int fd;
    ~Unlock() {
      struct flock lock = one_byte(F_UNLCK, kLedgerByte);
      ::fcntl(fd, F_OFD_SETLK, &lock);
    }
  } const unlock{file_.get()};
  const std::string before = read_all(file_.get(), path_);
  DeviceLedger ledger = decode_ledger(before);
  ledger.memory_bytes = memory_bytes_;
  std::erase_if(ledger.trials, [this](const DeviceLedger::Trial& trial) {
    return trial.lock != line_.lock && !held(file_.get(), trial.lock, path_);
  });
  if (line_.lock != 0) {
    // A damaged file may have lost the line, an older build what it does not know of it.
    if (own_line(ledger) == ledger.trials.size()) ledger.trials.push_back(line_);
    DeviceLedger::Trial& mine = ledger.trials[own_line(ledger)];
    mine.phase = line_.phase;
    mine.estimate_bytes = line_.estimate_bytes;
    mine.held_bytes = line_.held_bytes;
  }
  change(ledger);
  if (const std::size_t line = own_line(ledger); line < ledger.trials.size())
    line_ = ledger.trials[line];
  const std::string after = encode_ledger(ledger);
  if (after != before) rewrite(file_.get(), after, path_);
}

std::size_t DevicePlace::own_line(const DeviceLedger& ledger) const {
  const auto mine = std::ranges::find(ledger.trials, line_.lock, &DeviceLedger::Trial::lock);
  return static_cast<std::size_t>(mine - ledger.trials.begin());
}

}  // namespace firesweep
