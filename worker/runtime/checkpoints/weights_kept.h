// Which finished trials' selected weights stay on this host, where a sweep bounds them.
#pragma once

#include <filesystem>
#include <string>

#include "shared/domain/checkpoint_rules.h"

namespace firesweep {

// A trial that has just finished, by what its sweep ranks: the folder has its selected.safetensors.
struct FinishedTrial {
  std::filesystem::path folder;  // in the checkpoint folder
  std::string sweep_hash;
  double score = 0;
};

// Counts the trial among its sweep's on this host and removes selected weights, the worst trial's
// first, until `rules` hold; the best trial's stay in any case, and checkpoints that serve to go on
// are never touched. What stays is written in "<sweep hash, first 16>.weights" beside the folders.
// Does nothing where the rules bound nothing. Failures are logged and leave more than they should.
// Safe from any thread and process.
void keep_weights(const FinishedTrial& trial, const CheckpointRules& rules);

}  // namespace firesweep
