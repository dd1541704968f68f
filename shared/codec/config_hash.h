// Identity of equal work across sweeps (PROMISES §3).
#pragma once

#include <string>
#include <string_view>

#include "shared/domain/choices.h"
#include "shared/domain/trial_config.h"

namespace firesweep {

// The version of the training itself. Raise it with any change after which equal configs train
// differently.
inline constexpr int kRecipeVersion = 2;

// sha256 (hex) over the recipe version, every field of the config except the variant's name, its
// arch parameters, the architecture's content, the dataset's checksum (empty for the simulated
// trainer, whose work on two datasets thus has one hash) and the trainer. Fields are
// included as written (fields.h): a field that version 1 did not have is included only if it
// differs from the behaviour before it, so that equal work of older builds has the same hash. The
// training seed is not included; it is a separate key. Pure.
std::string config_hash(const TrialConfig& config, const std::string& architecture_hash,
                        const std::string& dataset_checksum, Trainer trainer);

}  // namespace firesweep
