#include "shared/transport/private_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <span>
#include <system_error>
#include <thread>
#include <utility>

#include "shared/base/durable.h"
#include "shared/base/random_bytes.h"
#include "shared/base/unique_fd.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kOthersRead = 077;
constexpr mode_t kOthersWrite = 022;
constexpr std::size_t kMostBytes = std::size_t{4} << 20;
constexpr std::chrono::milliseconds kLockTime{2000};
constexpr std::chrono::milliseconds kLockAgain{5};
constexpr const char* kFolderHint =
    "the configuration folder must be writable; XDG_CONFIG_HOME names another";

tl::unexpected<Error> io(const fs::path& path, const std::string& what) {
  return fail(ErrorCode::kIo, path.string(), what + ": " + std::strerror(errno), kFolderHint);
}

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return text.data();
}

Result<void> check_owner(const fs::path& path, const struct stat& status) {
  if (status.st_uid == ::geteuid()) return {};
  return fail(ErrorCode::kBadInput, path.string(),
              "belongs to user " + std::to_string(status.st_uid) + ", expected user " +
                  std::to_string(::geteuid()),
              "XDG_CONFIG_HOME names another configuration folder");
}

Result<void> make_folder_for(const fs::path& path) {
  const fs::path folder = path.parent_path();
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return io(folder, "cannot be made");
  struct stat status{};
  if (::stat(folder.c_str(), &status) != 0) return io(folder, "cannot be looked at");
  if (const auto owner = check_owner(folder, status); !owner) return owner;
  if ((status.st_mode & kOthersWrite) != 0) {
    return fail(ErrorCode::kBadInput, folder.string(),
                "others can change this folder (mode " + octal(status.st_mode) +
                    "), and so put their keys in the place of yours",
                "chmod 700 " + folder.string());
  }
  return {};
}

Result<void> write_whole(const UniqueFd& file, std::string_view text, const fs::path& path) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(file.get(), text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return io(path, "cannot be written");
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  auto brought = bring_to_disk(file, path);
  if (!brought) brought.error().hint = kFolderHint;
  return brought;
}

// A name beside `path` that nobody else has.
fs::path part_of(const fs::path& path) {
  std::uint64_t number = 0;
  fill_random(std::as_writable_bytes(std::span(&number, 1)));
  fs::path part = path;
  part += "." + std::to_string(number) + ".part";
  return part;
}

// The text in a file of its own, on the disk.
Result<fs::path> write_part(const fs::path& path, std::string_view text) {
  fs::path part = part_of(path);
  const UniqueFd file(
      ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return io(part, "cannot be made");
  if (const auto written = write_whole(file, text, part); !written) {
    ::unlink(part.c_str());
    return tl::unexpected(written.error());
  }
  return part;
}

// A process that was stopped with the lock in its hand holds up nobody for ever.
Result<void> lock_within(const UniqueFd& lock, std::chrono::milliseconds limit,
                         const fs::path& path) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EINTR && errno != EWOULDBLOCK) return io(path, "cannot be locked");
    if (std::chrono::steady_clock::now() >= end) {
      return fail(ErrorCode::kConflict, path.string(), "is held by another process for too long",
                  "is a `firesweep keys` stopped?");
    }
    std::this_thread::sleep_for(kLockAgain);
  }
  return {};
}

}  // namespace

Result<fs::path> configuration_folder(const char* config_home, const char* home) {
  if (config_home != nullptr && *config_home == '/') return fs::path(config_home) / "firesweep";
  if (home != nullptr && *home != '\0') return fs::path(home) / ".config" / "firesweep";
  return fail(ErrorCode::kNotFound, "XDG_CONFIG_HOME",
              "neither it nor HOME says where this user's keys lie",
              "set one of them to a folder of your own");
}

Result<fs::path> configuration_folder() {
  return configuration_folder(std::getenv("XDG_CONFIG_HOME"), std::getenv("HOME"));
}

Result<std::optional<std::string>> read_private(const fs::path& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return io(path, "cannot be opened");
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return io(path, "cannot be looked at");
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::kBadInput, path.string(), "is no ordinary file",
                "remove it, or name another folder by XDG_CONFIG_HOME");
  }
  if (const auto owner = check_owner(path, status); !owner) return tl::unexpected(owner.error());
  if ((status.st_mode & kOthersRead) != 0) {
    return fail(
        ErrorCode::kBadInput, path.string(),
        "others than its owner may use it (mode " + octal(status.st_mode) + "), expected mode 0600",
        "if nobody can have read it, chmod 600 it; else remove it, and a new one is made");
  }
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io(path, "cannot be read");
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > kMostBytes) {
      return fail(ErrorCode::kBadInput, path.string(), "is larger than 4 MiB");
    }
  }
}

Result<bool> create_private(const fs::path& path, std::string_view text) {
  if (const auto folder = make_folder_for(path); !folder) return tl::unexpected(folder.error());
  const auto part = write_part(path, text);
  if (!part) return tl::unexpected(part.error());
  // A link fails where the name is taken; a rename would take it from whoever was first.
  const bool first = ::link(part->c_str(), path.c_str()) == 0;
  const int why = errno;
  ::unlink(part->c_str());
  errno = why;
  if (!first && why != EEXIST) return io(path, "cannot be made");
  if (auto brought = bring_to_disk(path.parent_path()); !brought) {
    brought.error().hint = kFolderHint;
    return tl::unexpected(std::move(brought.error()));
  }
  return first;
}

Result<void> change_private(
    const fs::path& path,
    const std::function<Result<std::string>(const std::optional<std::string>&)>& change) {
  if (const auto folder = make_folder_for(path); !folder) return folder;
  fs::path lock_path = path;
  lock_path += ".lock";
  const UniqueFd lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return io(lock_path, "cannot be opened");
  if (const auto locked = lock_within(lock, kLockTime, lock_path); !locked) return locked;
  const auto before = read_private(path);
  if (!before) return tl::unexpected(before.error());
  const auto after = change(*before);
  if (!after) return tl::unexpected(after.error());
  const auto part = write_part(path, *after);
  if (!part) return tl::unexpected(part.error());
  auto moved = move_into_place(*part, path);
  if (!moved) {
    ::unlink(part->c_str());
    moved.error().hint = kFolderHint;
  }
  return moved;
}

}  // namespace firesweep
