#include "coordinator/server/checkpoint_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <system_error>
#include <utility>

#include "shared/base/durable.h"
#include "shared/codec/sha256.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSuffix = ".checkpoint";
constexpr const char* kPart = ".part";
constexpr const char* kLock = ".lock";

tl::unexpected<Error> failure(const fs::path& path, const std::string& what) {
  const std::string why = ::strerror(errno);
  return fail(ErrorCode::kIo, path.string(), what + ": " + why);
}

Result<void> write_whole(int fd, std::string_view bytes, std::int64_t offset,
                         const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t done = ::pwrite(fd, bytes.data(), bytes.size(), offset);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return failure(path, "cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(done));
    offset += done;
  }
  return {};
}

Result<std::string> checksum(int fd, std::int64_t bytes, const fs::path& path) {
  void* const map = ::mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ, MAP_PRIVATE, fd, 0);
  if (map == MAP_FAILED) return failure(path, "cannot be read");
  std::string sha = sha256_hex({static_cast<const char*>(map), static_cast<std::size_t>(bytes)});
  ::munmap(map, static_cast<std::size_t>(bytes));
  return sha;
}

}  // namespace

Result<CheckpointFolder> CheckpointFolder::open(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  UniqueFd lock(::open((path / kLock).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!lock) return failure(path, "the checkpoint folder cannot be written");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::kConflict, path.string(),
                "another coordinator keeps its checkpoints here",
                "give each its own --checkpoint-dir");
  }
  return CheckpointFolder(path, std::move(lock));
}

Result<void> CheckpointFolder::write_marker(const char* name, const std::string& text) const {
  const fs::path path = path_ / name;
  fs::path part = path;
  part += kPart;
  const UniqueFd file(
      ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file) return failure(part, "cannot be made");
  if (const auto written = write_whole(file.get(), text, 0, part); !written) return written;
  if (::rename(part.c_str(), path.c_str()) != 0) return failure(path, "cannot be renamed");
  return {};
}

void CheckpointFolder::tidy(const std::map<TrialId, StoredCheckpoint>& rows) const {
  std::set<std::string> named;
  for (const auto& [trial, checkpoint] : rows) named.insert(checkpoint.file);
  std::error_code error;
  for (fs::directory_iterator it(path_, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool ours = name.ends_with(kSuffix) || name.ends_with(kPart);
    std::error_code ignored;
    if (ours && !named.contains(name)) fs::remove(it->path(), ignored);
  }
}

fs::path CheckpointFolder::part(SessionId worker) const {
  return path_ / (std::to_string(worker.high) + "-" + std::to_string(worker.low) + kPart);
}

Result<void> CheckpointFolder::begin(SessionId worker) const {
  const UniqueFd file(
      ::open(part(worker).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file) return failure(part(worker), "cannot be made");
  return {};
}

Result<void> CheckpointFolder::write(SessionId worker, std::int64_t offset,
                                     std::string_view bytes) const {
  const UniqueFd file(::open(part(worker).c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return failure(part(worker), "cannot be opened");
  return write_whole(file.get(), bytes, offset, part(worker));
}

void CheckpointFolder::drop(SessionId worker) const {
  std::error_code ignored;
  fs::remove(part(worker), ignored);
}

Result<void> CheckpointFolder::finish(SessionId worker, const StoredCheckpoint& checkpoint) const {
  const fs::path from = part(worker), to = path_ / checkpoint.file;
  const UniqueFd file(::open(from.c_str(), O_RDWR | O_CLOEXEC));
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0) return failure(from, "is gone");
  if (status.st_size != checkpoint.bytes) {
    return fail(ErrorCode::kBadInput, from.string(),
                "found " + std::to_string(status.st_size) + " bytes, expected " +
                    std::to_string(checkpoint.bytes));
  }
  const auto sha = checksum(file.get(), checkpoint.bytes, from);
  if (!sha) return tl::unexpected(sha.error());
  if (*sha != checkpoint.sha256) {
    return fail(ErrorCode::kBadInput, from.string(),
                "found sha256 " + *sha + ", expected " + checkpoint.sha256);
  }
  if (auto brought = bring_to_disk(file, from); !brought) return brought;
  return move_into_place(from, to);
}

std::string CheckpointFolder::read(const std::string& file, std::int64_t offset,
                                   std::size_t most) const {
  const UniqueFd from(::open((path_ / file).c_str(), O_RDONLY | O_CLOEXEC));
  if (!from) return {};
  std::string bytes(most, '\0');
  const ssize_t got = ::pread(from.get(), bytes.data(), most, offset);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

void CheckpointFolder::remove(const std::string& file) const {
  std::error_code ignored;
  fs::remove(path_ / file, ignored);
}

std::string CheckpointFolder::name_of(TrialId trial, const StoredCheckpoint& checkpoint) {
  constexpr std::size_t kShaShown = 16;
  return std::to_string(trial.value) + "-" + std::to_string(checkpoint.attempt.value) + "-" +
         std::to_string(checkpoint.epoch) + "-" + checkpoint.sha256.substr(0, kShaShown) + kSuffix;
}

}  // namespace firesweep
