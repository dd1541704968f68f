// The coordinator's checkpoint folder: which names, written how. Decides nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/base/ids.h"
#include "shared/domain/records.h"

namespace firesweep {

// One process has it at a time. Not thread-safe.
class CheckpointFolder {
 public:
  // Makes it where it is missing and takes its lock for life. kConflict where another process has
  // it, kIo where it cannot be written.
  static Result<CheckpointFolder> open(const std::filesystem::path& path);
  CheckpointFolder(CheckpointFolder&& other) noexcept;
  CheckpointFolder& operator=(CheckpointFolder&&) = delete;
  ~CheckpointFolder();

  // Writes a small file, whole.
  Result<void> write_marker(const char* name, const std::string& text) const;
  // Removes parts and checkpoints that no row names.
  void tidy(const std::map<TrialId, StoredCheckpoint>& rows) const;

  // A worker's checkpoint while it arrives: begun anew, written piece by piece, dropped.
  Result<void> begin(SessionId worker) const;
  Result<void> write(SessionId worker, std::int64_t offset, std::string_view bytes) const;
  void drop(SessionId worker) const;
  // Checks length and sha256, brings file and folder to the disk under the checkpoint's name.
  // kBadInput where the content is another.
  Result<void> finish(SessionId worker, const StoredCheckpoint& checkpoint) const;

  // Up to `most` bytes from `offset` on; empty where the file is gone.
  std::string read(const std::string& file, std::int64_t offset, std::size_t most) const;
  void remove(const std::string& file) const;

  // "<trial>-<attempt>-<epoch>-<first 16 of sha256>.checkpoint".
  static std::string name_of(TrialId trial, const StoredCheckpoint& checkpoint);

 private:
  CheckpointFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::filesystem::path part(SessionId worker) const;

  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace firesweep
