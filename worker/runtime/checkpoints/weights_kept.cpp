#include "worker/runtime/checkpoints/weights_kept.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "worker/datasets/file.h"
#include "worker/training/trainer.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

const std::string kWeights = std::string("selected.") + kCheckpointFormat;

struct Kept {
  double score = 0;
  std::string folder;  // its name
};

std::optional<std::int64_t> bytes_of(const fs::path& folder) {
  const auto stamp = stamp_of(folder / kWeights);
  return stamp ? std::optional(stamp->size_bytes) : std::nullopt;
}

// Lines "SCORE FOLDER"; others are passed over.
std::vector<Kept> read(const fs::path& file) {
  std::vector<Kept> kept;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    Kept one;
    const auto [end, code] = std::from_chars(line.data(), line.data() + line.size(), one.score);
    if (code != std::errc() || *end != ' ') continue;
    one.folder = line.substr(static_cast<std::size_t>(end - line.data()) + 1);
    const bool plain = !one.folder.empty() && one.folder.find('/') == std::string::npos;
    if (plain && !one.folder.starts_with('.')) kept.push_back(std::move(one));
  }
  return kept;
}

Result<void> write(const fs::path& path, const std::vector<Kept>& kept) {
  auto file = AtomicFile::create(path);
  if (!file) return tl::unexpected(file.error());
  std::string text;
  for (const Kept& one : kept) {
    char score[32];
    const auto end = std::to_chars(std::begin(score), std::end(score), one.score).ptr;
    text += std::string(std::begin(score), end) + " " + one.folder + "\n";
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (auto written = file->write(std::span(bytes, text.size())); !written) return written;
  return file->commit();
}

// Takes out of `kept`, the best first, what the rules leave no room for.
std::vector<Kept> surplus(std::vector<Kept>& kept, const CheckpointRules& rules,
                          const fs::path& root) {
  std::vector<Kept> gone;
  std::vector<Kept> staying;
  std::int64_t left = rules.max_bytes.value_or(0);
  for (Kept& one : kept) {
    const std::int64_t bytes = bytes_of(root / one.folder).value_or(0);
    const bool fits = !rules.keep_best && (!rules.max_bytes || bytes <= left);
    if (staying.empty() || fits) {
      left -= bytes;
      staying.push_back(std::move(one));
    } else {
      left = 0;  // whatever is worse goes too, however small
      gone.push_back(std::move(one));
    }
  }
  kept = std::move(staying);
  return gone;
}

Result<void> settle(const FinishedTrial& trial, const CheckpointRules& rules) {
  const fs::path root = trial.folder.parent_path();
  const fs::path list = root / (trial.sweep_hash.substr(0, 16) + ".weights");
  const auto lock = FileLock::acquire(list.string() + ".lock");
  if (!lock) return tl::unexpected(lock.error());
  const std::string own = trial.folder.filename().string();
  std::vector<Kept> kept = read(list);
  std::erase_if(kept,
                [&](const Kept& one) { return one.folder == own || !bytes_of(root / one.folder); });
  if (bytes_of(trial.folder)) kept.push_back({trial.score, own});
  std::stable_sort(kept.begin(), kept.end(),
                   [](const Kept& a, const Kept& b) { return a.score > b.score; });
  const std::vector<Kept> gone = surplus(kept, rules, root);
  if (auto written = write(list, kept); !written) return written;
  for (const Kept& one : gone) {
    std::error_code error;
    fs::remove(root / one.folder / kWeights, error);
    spdlog::info("event=weights_removed folder={} score={}", one.folder, one.score);
  }
  return {};
}

}  // namespace

void keep_weights(const FinishedTrial& trial, const CheckpointRules& rules) {
  if (trial.sweep_hash.empty() || (!rules.keep_best && !rules.max_bytes)) return;
  if (const auto settled = settle(trial, rules); !settled) {
    spdlog::warn("event=weights_not_bounded why=\"{}\"", to_string(settled.error()));
  }
}

}  // namespace firesweep
