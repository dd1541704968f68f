#include "coordinator/store/lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

namespace firesweep {
namespace {

constexpr std::string_view kPid = "pid ";
constexpr std::string_view kAddress = "address ";

std::filesystem::path lock_path(const std::filesystem::path& database) {
  std::filesystem::path path = database;
  path += ".lock";
  return path;
}

// Open-file-description locks: closing another descriptor of the same file does not drop them, a
// child that does not inherit the descriptor does not hold them, and they can be asked about
// without being taken.
struct flock whole_file() {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return whole;
}

bool is_locked(int descriptor) {
  struct flock whole = whole_file();
  return ::fcntl(descriptor, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

std::string read_all(int descriptor) {
  std::array<char, 4096> buffer{};
  const ssize_t count = ::pread(descriptor, buffer.data(), buffer.size(), 0);
  return {buffer.data(), static_cast<std::size_t>(count > 0 ? count : 0)};
}

LockOwner parse(std::string_view text) {
  LockOwner owner;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.starts_with(kPid)) {
      std::from_chars(line.data() + kPid.size(), line.data() + line.size(), owner.pid);
    } else if (line.starts_with(kAddress)) {
      owner.address = line.substr(kAddress.size());
    }
  }
  return owner;
}

// False where the file was removed between opening and locking it: the lock is then on a file
// nobody else sees.
bool still_there(int descriptor, const std::filesystem::path& path) {
  struct stat opened{};
  struct stat named{};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

tl::unexpected<Error> owned(const std::filesystem::path& database, const LockOwner& owner) {
  const std::string at = owner.address.empty() ? "" : ", reachable at " + owner.address;
  return fail(
      ErrorCode::kConflict, database.string(),
      "is owned by process " + std::to_string(owner.pid) + at + "; a database has one coordinator",
      owner.address.empty() ? "stop that process first, or use another --db"
                            : "hand the sweep to it with `firesweep submit FILE --coordinator " +
                                  owner.address + "`, or stop that process first");
}

tl::unexpected<Error> no_locks(const std::filesystem::path& path) {
  return fail(ErrorCode::kIo, path.string(),
              "cannot be locked: this is not a local disk, its file system has no locks",
              "keep the database on a local disk: --db FILE names another place");
}

// What is locked is written: a link could lead to any file of this user.
tl::unexpected<Error> is_link(const std::filesystem::path& path) {
  return fail(ErrorCode::kIo, path.string(), "is a link, expected a lock file of firesweep",
              "remove it when no coordinator uses the database: rm " + path.string());
}

tl::unexpected<Error> cannot(const std::filesystem::path& path, const std::string& do_what) {
  return fail(ErrorCode::kIo, path.string(), "cannot be " + do_what + ": " + std::strerror(errno),
              "the folder must exist and be writable");
}

}  // namespace

std::optional<LockOwner> find_owner(const std::filesystem::path& database) {
  const int descriptor = ::open(lock_path(database).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  std::optional<LockOwner> owner;
  if (is_locked(descriptor)) owner = parse(read_all(descriptor));
  ::close(descriptor);
  return owner;
}

Result<DatabaseLock> DatabaseLock::take(const std::filesystem::path& database) {
  const std::filesystem::path path = lock_path(database);
  for (;;) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (descriptor < 0 && errno == ELOOP) return is_link(path);
    if (descriptor < 0) return cannot(path, "opened");
    struct flock whole = whole_file();
    if (::fcntl(descriptor, F_OFD_SETLK, &whole) != 0) {
      const int why = errno;
      const LockOwner owner = parse(read_all(descriptor));
      ::close(descriptor);
      errno = why;
      if (why == ENOLCK || why == EOPNOTSUPP || why == ENOSYS) {
        if (owner.pid == 0) ::unlink(path.c_str());
        return no_locks(path);
      }
      if (why != EAGAIN && why != EACCES) return cannot(path, "locked");
      return owned(database, owner);
    }
    DatabaseLock lock(path, descriptor);
    if (!still_there(descriptor, path)) {
      lock.path_.clear();
      continue;
    }
    try {
      lock.write(std::string(kPid) + std::to_string(::getpid()) + "\n");
    } catch (const std::system_error& failure) {
      return fail(ErrorCode::kIo, path.string(), failure.what(), "is the disk full?");
    }
    return lock;
  }
}

DatabaseLock::DatabaseLock(std::filesystem::path path, int descriptor)
    : path_(std::move(path)), descriptor_(descriptor) {}

DatabaseLock::DatabaseLock(DatabaseLock&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

DatabaseLock& DatabaseLock::operator=(DatabaseLock&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

DatabaseLock::~DatabaseLock() {
  if (descriptor_ < 0) return;
  if (!path_.empty()) ::unlink(path_.c_str());
  ::close(descriptor_);
}

void DatabaseLock::publish_address(const std::string& address) {
  write(std::string(kPid) + std::to_string(::getpid()) + "\n" + std::string(kAddress) + address +
        "\n");
}

void DatabaseLock::write(const std::string& text) const {
  const ssize_t written = ::pwrite(descriptor_, text.data(), text.size(), 0);
  if (written != static_cast<ssize_t>(text.size()) || ::ftruncate(descriptor_, written) != 0) {
    throw std::system_error(errno, std::generic_category(), path_.string());
  }
}

}  // namespace firesweep
