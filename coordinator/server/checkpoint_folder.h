// The coordinator's checkpoint folder: names its files and writes them safely. Makes no decisions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/base/ids.h"
#include "shared/base/unique_fd.h"
#include "shared/domain/records.h"

namespace firesweep {

// One process owns it at a time. Not thread-safe.
class CheckpointFolder {
 public:
  // Creates the folder if it is missing and takes its lock for the object's lifetime. kConflict if
  // another process owns it, kIo if it cannot be written.
  static Result<CheckpointFolder> open(const std::filesystem::path& path);
  CheckpointFolder(CheckpointFolder&&) noexcept = default;
  CheckpointFolder& operator=(CheckpointFolder&&) = delete;

  // Writes a small file atomically.
  Result<void> write_marker(const char* name, const std::string& text) const;
  // Removes partial files, and checkpoints that no row names.
  void tidy(const std::map<TrialId, StoredCheckpoint>& rows) const;

  // The checkpoint that a worker uploads: begins a new file, writes a piece, discards the file.
  Result<void> begin(SessionId worker) const;
  Result<void> write(SessionId worker, std::int64_t offset, std::string_view bytes) const;
  void drop(SessionId worker) const;
  // Checks length and sha256, renames the file, and synchronises file and folder to disk. kBadInput
  // if the content is wrong.
  Result<void> finish(SessionId worker, const StoredCheckpoint& checkpoint) const;

  // Up to `most` bytes from `offset` on; empty if the file is gone.
  std::string read(const std::string& file, std::int64_t offset, std::size_t most) const;
  void remove(const std::string& file) const;

  // "<trial>-<attempt>-<epoch>-<first 16 of sha256>.checkpoint".
  static std::string name_of(TrialId trial, const StoredCheckpoint& checkpoint);

 private:
  CheckpointFolder(std::filesystem::path path, UniqueFd lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}
  std::filesystem::path part(SessionId worker) const;

  std::filesystem::path path_;
  UniqueFd lock_;
};

}  // namespace firesweep
