// File-system primitives of this room: complete writes, file stamps, a lock between processes, and
// atomic files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "shared/base/error.h"
#include "shared/base/unique_fd.h"

namespace firesweep {

// kIo at `path`: "<what>: <text of errno>". Call before anything else changes errno.
tl::unexpected<Error> io_failure(const std::filesystem::path& path, const std::string& what);

// Writes all bytes. On failure kIo at `path`; the bytes written so far stay.
Result<void> write_all(int fd, std::span<const std::uint8_t> bytes,
                       const std::filesystem::path& path);

// A cheap way to see whether a file is still the one that was checked.
struct FileStamp {
  std::int64_t size_bytes = 0;
  std::int64_t modified_ns = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

// The stamp of a regular file (links are followed); none if there is no such file.
std::optional<FileStamp> stamp_of(const std::filesystem::path& path);

// Creates the folder and its parents; kIo if that is impossible.
Result<void> make_folder(const std::filesystem::path& folder);

// A lock between processes, on a lock file. Held until the object is destroyed or the process dies;
// the file is not removed. Excludes other FileLocks on the same path, even within this process. Not
// thread-safe; movable.
class FileLock {
 public:
  // Waits until the lock is free. Calls `keep_waiting`, if given, ten times per second. kIo if the
  // file cannot be created or the file system has no locks, kUnavailable if keep_waiting returned
  // false.
  static Result<FileLock> acquire(const std::filesystem::path& path,
                                  const std::function<bool()>& keep_waiting = {});

 private:
  explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

// A file that is written as `<path>.part` and gets its name by commit(). If destroyed before that,
// it leaves no file. Callers hold a FileLock, so that no two processes write the same part. Not
// thread-safe; movable.
class AtomicFile {
 public:
  // Creates an empty part, and replaces one that a killed process left. kIo if the folder cannot be
  // written.
  static Result<AtomicFile> create(const std::filesystem::path& path);
  AtomicFile(AtomicFile&&) = default;
  ~AtomicFile();

  Result<void> write(std::span<const std::uint8_t> bytes);

  // Synchronises the file to disk, then renames it. On failure an old file of that name is
  // unchanged.
  Result<void> commit();

 private:
  AtomicFile(UniqueFd fd, std::filesystem::path path)
      : fd_(std::move(fd)), path_(std::move(path)) {}
  std::filesystem::path part() const;

  UniqueFd fd_;
  std::filesystem::path path_;
};

}  // namespace firesweep
