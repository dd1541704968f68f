#include "worker/datasets/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "shared/base/durable.h"

namespace firesweep {

tl::unexpected<Error> io_failure(const std::filesystem::path& path, const std::string& what) {
  const std::string reason = std::generic_category().message(errno);
  return fail(ErrorCode::kIo, path.string(), what + ": " + reason);
}

Result<void> write_all(int fd, std::span<const std::uint8_t> bytes,
                       const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_failure(path, "cannot be written");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

std::optional<FileStamp> stamp_of(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return FileStamp{status.st_size,
                   std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

Result<void> make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail(ErrorCode::kIo, folder.string(), "folder cannot be made: " + error.message());
  }
  return {};
}

Result<FileLock> FileLock::acquire(const std::filesystem::path& path,
                                   const std::function<bool()>& keep_waiting) {
  constexpr std::chrono::milliseconds kInterval{100};
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!fd) return io_failure(path, "lock file cannot be opened");
  while (::flock(fd.get(), keep_waiting ? LOCK_EX | LOCK_NB : LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return io_failure(path, "cannot be locked");
    if (!keep_waiting()) {
      return fail(ErrorCode::kUnavailable, path.string(), "is locked by another process");
    }
    std::this_thread::sleep_for(kInterval);
  }
  return FileLock(std::move(fd));
}

std::filesystem::path AtomicFile::part() const { return path_.string() + ".part"; }

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& path) {
  AtomicFile file(UniqueFd(), path);
  const auto part = file.part();
  // What lies there may be a link that somebody put into the folder: it goes, and what it names
  // stays.
  ::unlink(part.c_str());
  file.fd_ =
      UniqueFd(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file.fd_) return io_failure(part, "cannot be made");
  return file;
}

AtomicFile::~AtomicFile() {
  if (fd_) ::unlink(part().c_str());
}

Result<void> AtomicFile::write(std::span<const std::uint8_t> bytes) {
  return write_all(fd_.get(), bytes, part());
}

Result<void> AtomicFile::commit() {
  if (auto brought = bring_to_disk(fd_, part()); !brought) return brought;
  if (auto moved = move_into_place(part(), path_); !moved) return moved;
  fd_ = UniqueFd();
  return {};
}

}  // namespace firesweep
