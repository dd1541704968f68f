#include "worker/runtime/checkpoints/checkpoint_folders.h"

#include <spdlog/spdlog.h>

#include <system_error>
#include <vector>

#include "worker/training/trainer.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

constexpr int kMostAtOnce = 64;  // attempts of equal work on one host
constexpr const char* kLockName = ".lock";

// The newest checkpoint, the one before it and one brought from another host
// (worker/training/checkpoint.h), or their parts.
bool serves_resume(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.starts_with("last.") || name.starts_with("previous.") || name.starts_with("stored.");
}

// Ours, and the one under which the trainer writes.
bool is_lock(const fs::path& file) {
  return file.filename() == kLockName || file.filename() == "lock";
}

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    paths.push_back(it->path());
  }
  return paths;
}

// The folder of the number-th attempt of equal work at once.
std::string numbered(const std::string& name, int number) {
  return number == 1 ? name : name + "-" + std::to_string(number);
}

bool older_than(const fs::path& file, std::chrono::hours age) {
  std::error_code error;
  const auto written = fs::last_write_time(file, error);
  return !error && fs::file_time_type::clock::now() - written > age;
}

}  // namespace

HeldFolder CheckpointFolders::hold(const std::string& config_hash, std::int64_t seed) const {
  const std::string name = name_of(config_hash, seed);
  for (int number = 1; number <= kMostAtOnce; ++number) {
    const fs::path folder = root_ / numbered(name, number);
    if (const auto made = make_folder(folder); !made) {
      spdlog::warn("event=no_checkpoints why=\"{}\"", to_string(made.error()));
      return {};
    }
    auto lock = FileLock::acquire(folder / kLockName, [] { return false; });
    if (lock) return {folder, std::move(*lock)};
    if (lock.error().code != ErrorCode::kUnavailable) {
      spdlog::warn("event=no_checkpoints why=\"{}\"", to_string(lock.error()));
      return {};
    }
  }
  spdlog::warn("event=no_checkpoints why=\"{} attempts of {} run here\"", kMostAtOnce, name);
  return {};
}

std::string CheckpointFolders::name_of(const std::string& config_hash, std::int64_t seed) {
  return config_hash.substr(0, 16) + "-seed" + std::to_string(seed);
}

std::optional<fs::path> CheckpointFolders::selected(const std::string& config_hash,
                                                    std::int64_t seed) const {
  const std::string name = name_of(config_hash, seed);
  std::error_code ignored;
  for (int number = 1; number <= kMostAtOnce; ++number) {
    const fs::path folder = root_ / numbered(name, number);
    for (const char* format : {kCheckpointFormat, kFormerCheckpointFormat}) {
      fs::path file = folder / (std::string("selected.") + format);
      if (fs::is_regular_file(file, ignored)) return file;
    }
  }
  return std::nullopt;
}

std::vector<fs::path> CheckpointFolders::folders_of(const std::string& config_hash,
                                                    std::int64_t seed) const {
  const std::string name = name_of(config_hash, seed);
  std::vector<fs::path> found;
  std::error_code ignored;
  for (int number = 1; number <= kMostAtOnce; ++number) {
    fs::path folder = root_ / numbered(name, number);
    if (fs::is_directory(folder, ignored)) found.push_back(std::move(folder));
  }
  return found;
}

void CheckpointFolders::forget_resume(const fs::path& folder, bool keep_last) {
  if (folder.empty()) return;
  std::error_code ignored;
  for (const fs::path& file : entries(folder)) {
    if (!serves_resume(file)) continue;
    if (!keep_last || !file.filename().string().starts_with("last.")) fs::remove(file, ignored);
  }
}

void CheckpointFolders::remove_stale(std::chrono::hours age) const {
  std::error_code ignored;
  for (const fs::path& folder : entries(root_)) {
    if (!fs::is_directory(fs::symlink_status(folder, ignored))) continue;
    const auto lock = FileLock::acquire(folder / kLockName, [] { return false; });
    if (!lock) continue;
    bool empty = true;
    for (const fs::path& file : entries(folder)) {
      if (serves_resume(file) && older_than(file, age)) {
        fs::remove(file, ignored);
      } else if (!is_lock(file)) {
        empty = false;
      }
    }
    if (empty && older_than(folder / kLockName, age)) fs::remove_all(folder, ignored);
  }
}

}  // namespace firesweep
