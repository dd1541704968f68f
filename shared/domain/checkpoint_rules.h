// When trials write checkpoints and which of them are kept: the sweep's "checkpoint".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace firesweep {

struct CheckpointRules {
  std::int64_t every_epochs = 1;                   // whole epochs, counted from the first
  std::optional<std::chrono::milliseconds> every;  // this time in place of epochs, also amid one
  // Whether only the best trial's selected weights are kept, on each host those of its best trial.
  // Otherwise the selected weights of all finished trials are kept.
  bool keep_best = false;
  // Limit for a sweep's checkpoints at the coordinator, and for its finished trials' weights on
  // each host.
  std::optional<std::int64_t> max_bytes;

  // Whether a checkpoint is written after this epoch, `since` after the previous checkpoint. One is
  // always written after the last epoch, and when a trial is asked to stop. Pure.
  bool due_after(std::int64_t epoch, std::int64_t epochs, std::chrono::milliseconds since) const {
    if (epoch == epochs) return true;
    return every ? since >= *every : epoch % every_epochs == 0;
  }
  // Whether a checkpoint is written within an epoch. Pure.
  bool due_amid(std::chrono::milliseconds since) const { return every && since >= *every; }
  // The newest epoch up to this one after which a checkpoint was certainly written. Pure.
  std::int64_t newest_at(std::int64_t epoch, std::int64_t epochs) const {
    if (epoch >= epochs) return epoch;
    return every ? 0 : epoch - epoch % every_epochs;
  }

  friend bool operator==(const CheckpointRules&, const CheckpointRules&) = default;
};

}  // namespace firesweep
