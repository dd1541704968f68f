// The few file-system primitives this room stands on: a descriptor that closes itself, whole
// writes, stamps, a lock between processes and a file that appears whole or not at all. Owns no
// paths and no formats.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "shared/base/error.h"

namespace firesweep {

// Owns one descriptor; -1 owns none. Not thread-safe.
class UniqueFd {
 public:
  explicit UniqueFd(int fd = -1) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  ~UniqueFd();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

// kIo at `path`: "<what>: <text of errno>". Call before anything else changes errno.
tl::unexpected<Error> io_failure(const std::filesystem::path& path, const std::string& what);

// Writes every byte; kIo at `path` otherwise, leaving what was written until then.
Result<void> write_all(int fd, std::span<const std::uint8_t> bytes,
                       const std::filesystem::path& path);

// What tells cheaply that a file is still the one that was checked.
struct FileStamp {
  std::int64_t size_bytes = 0;
  std::int64_t modified_ns = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

// The stamp of a regular file (links followed); none where there is no such file.
std::optional<FileStamp> stamp_of(const std::filesystem::path& path);

// Makes the folder and those above it; kIo where that is impossible.
Result<void> make_folder(const std::filesystem::path& folder);

// Holds a lock between processes on a file made for it, until destroyed or the process dies. The
// file stays. Excludes other FileLocks on the same path, also within this process. Not thread-safe;
// movable.
class FileLock {
 public:
  // Waits until the lock is free; `keep_waiting`, where given, is asked ten times a second. kIo
  // where the file cannot be made or the file system keeps no locks, kUnavailable where
  // keep_waiting said no.
  static Result<FileLock> acquire(const std::filesystem::path& path,
                                  const std::function<bool()>& keep_waiting = {});

 private:
  explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

// A file written as `<path>.part` that takes its name only by commit(); destroyed before that, it
// leaves nothing. Callers hold a FileLock so that no two write the same part. Not thread-safe;
// movable.
class AtomicFile {
 public:
  // Starts empty, replacing a part that a killed process left. kIo where the folder cannot be
  // written.
  static Result<AtomicFile> create(const std::filesystem::path& path);
  AtomicFile(AtomicFile&&) = default;
  ~AtomicFile();

  Result<void> write(std::span<const std::uint8_t> bytes);

  // Brings the bytes to disk, then renames. On failure the old file of that name, if any, is
  // untouched.
  Result<void> commit();

 private:
  AtomicFile(UniqueFd fd, std::filesystem::path path)
      : fd_(std::move(fd)), path_(std::move(path)) {}
  std::filesystem::path part() const;

  UniqueFd fd_;
  std::filesystem::path path_;
};

// Renames a finished file and brings its folder to disk. kIo leaves both names as they were.
Result<void> move_into_place(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace firesweep
