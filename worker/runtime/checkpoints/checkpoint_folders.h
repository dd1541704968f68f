// The folders in which this host's trials save their state. Owns their names and their removal; the
// trainer owns the files in a folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "worker/datasets/file.h"

namespace firesweep {

// A trial's folder, held by one attempt: no other attempt on this host gets it until this object is
// destroyed. An empty path means that nothing can be saved. Movable; not thread-safe.
struct HeldFolder {
  std::filesystem::path path;
  std::optional<FileLock> lock;
};

// Safe from any thread and any number of processes.
class CheckpointFolders {
 public:
  explicit CheckpointFolders(std::filesystem::path root) : root_(std::move(root)) {}

  // The folder <root>/<config hash, first 16>-seed<seed>, created if it is missing. All attempts of
  // equal work on this host get the same folder: in place of a config hash that does not tell
  // datasets apart, give one that does. While another attempt of the same work runs here,
  // "-2", "-3", … is added. If no folder can be created or locked, the path is empty, the trial
  // trains without checkpoints, and the log says why.
  HeldFolder hold(const std::string& config_hash, std::int64_t seed) const;

  // <hash, first 16>-seed<seed>.
  static std::string name_of(const std::string& config_hash, std::int64_t seed);

  // The selected weights of that work (selected.safetensors, or selected.pt of an earlier build)
  // that an attempt left here; none if there are none.
  std::optional<std::filesystem::path> selected(const std::string& config_hash,
                                                std::int64_t seed) const;

  // The folders that attempts of that work left here.
  std::vector<std::filesystem::path> folders_of(const std::string& config_hash,
                                                std::int64_t seed) const;

  // Call when the coordinator has the result: removes the files that are only needed to resume
  // (last.*, previous.*, stored.*) and keeps the selected weights. `keep_last`: the newest
  // checkpoint stays too, for a longer training to begin from.
  static void forget_resume(const std::filesystem::path& folder, bool keep_last = false);

  // Removes the files for resuming of trials that were not used for `age`, and empty folders. Call
  // once at start.
  void remove_stale(std::chrono::hours age) const;

 private:
  std::filesystem::path root_;
};

inline constexpr std::chrono::hours kStaleCheckpoints{24 * 30};

}  // namespace firesweep
