// Identity of equal work across sweeps (PROMISES §3).
#pragma once

#include <string>
#include <string_view>

#include "shared/domain/choices.h"
#include "shared/domain/trial_config.h"

namespace firesweep {

// Counts changes of what training makes of a config: raised with any change that makes equal
// configs train otherwise.
inline constexpr int kRecipeVersion = 2;

// sha256 (hex) over the recipe version, every field of the config but the variant's name, its arch
// parameters, the architecture's content, the dataset's checksum and the trainer. Fields stand in
// it as written (fields.h): one that version 1 did not have counts only where it differs from what
// was done before it, so that results and checkpoints of older builds stay equal work. The training
// seed is left out: it stands beside the hash as a key. Pure.
std::string config_hash(const TrialConfig& config, const std::string& architecture_hash,
                        const std::string& dataset_checksum, Trainer trainer);

}  // namespace firesweep
