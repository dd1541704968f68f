// Removes selected weights of finished trials from this host, as a sweep's checkpoint rules demand.
#pragma once

#include <filesystem>
#include <string>

#include "shared/domain/checkpoint_rules.h"

namespace firesweep {

// A trial that has just finished, with the score by which its sweep ranks. The folder has its
// selected.safetensors.
struct FinishedTrial {
  std::filesystem::path folder;  // in the checkpoint folder
  std::string sweep_hash;
  double score = 0;
};

// Adds the trial to its sweep's trials on this host and removes selected weights, the worst trial's
// first, until `rules` hold. The best trial's weights are always kept, and checkpoints for resuming
// are never removed. The file "<sweep hash, first 16>.weights" beside the folders lists the kept
// weights. Does nothing if the rules have no limit. Failures are logged; then more is kept than the
// rules allow. Safe from any thread and process.
void keep_weights(const FinishedTrial& trial, const CheckpointRules& rules);

}  // namespace firesweep
