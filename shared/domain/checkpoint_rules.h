// When a trial's checkpoints are written and what of them stays: the sweep's "checkpoint".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace firesweep {

struct CheckpointRules {
  std::int64_t every_epochs = 1;                   // whole epochs, counted from the first
  std::optional<std::chrono::milliseconds> every;  // this time in place of epochs, also amid one
  // Of the selected weights of a sweep's finished trials, those of the best trial stay (on each
  // host its best); else all.
  bool keep_best = false;
  // Of a sweep's checkpoints at the coordinator, and of its finished trials' weights on each host.
  std::optional<std::int64_t> max_bytes;

  // Whether a checkpoint is written after this whole epoch, `since` the one before; one is after
  // the last, and whenever a trial is asked to stop. Pure.
  bool due_after(std::int64_t epoch, std::int64_t epochs, std::chrono::milliseconds since) const {
    if (epoch == epochs) return true;
    return every ? since >= *every : epoch % every_epochs == 0;
  }
  // Whether one is written amid an epoch. Pure.
  bool due_amid(std::chrono::milliseconds since) const { return every && since >= *every; }
  // Of the epochs up to this one, the last after which a checkpoint was written for certain. Pure.
  std::int64_t newest_at(std::int64_t epoch, std::int64_t epochs) const {
    if (epoch >= epochs) return epoch;
    return every ? 0 : epoch - epoch % every_epochs;
  }

  friend bool operator==(const CheckpointRules&, const CheckpointRules&) = default;
};

}  // namespace firesweep
