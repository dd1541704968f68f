// Where the trials of this host save their state, and when it may go. Owns names and removal; what
// lies in a folder is the trainer's.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "worker/datasets/file.h"

namespace firesweep {

// A trial's folder, held by one attempt: nobody else on this host gets it until this is destroyed.
// An empty path means that nothing can be kept. Movable; not thread-safe.
struct HeldFolder {
  std::filesystem::path path;
  std::optional<FileLock> lock;
};

// Safe from any thread and any number of processes.
class CheckpointFolders {
 public:
  explicit CheckpointFolders(std::filesystem::path root) : root_(std::move(root)) {}

  // <root>/<config hash, first 16>-seed<seed>, made where absent: any attempt of equal work on this
  // host gets the same one. While another attempt of it runs here, a "-2", "-3", … is added. Where
  // none can be made or locked, the path is empty and the trial trains without checkpoints; the log
  // says why.
  HeldFolder hold(const std::string& config_hash, std::int64_t seed) const;

  // <hash, first 16>-seed<seed>.
  static std::string name_of(const std::string& config_hash, std::int64_t seed);

  // The selected weights of that work (selected.safetensors, of an earlier build selected.pt), kept
  // by whichever attempt finished here; none where there are none.
  std::optional<std::filesystem::path> selected(const std::string& config_hash,
                                                std::int64_t seed) const;

  // The result is safe at the coordinator: removes what only serves to go on (last.*, previous.*,
  // stored.*) and keeps the selected weights.
  static void forget_resume(const std::filesystem::path& folder);

  // Removes what serves to go on from trials that nobody touched for `age`, and folders left empty.
  // Call once at start.
  void remove_stale(std::chrono::hours age) const;

 private:
  std::filesystem::path root_;
};

inline constexpr std::chrono::hours kStaleCheckpoints{24 * 30};

}  // namespace firesweep
