// Presets: complete recipes that a sweep starts from, and the defaults that depend on the
// optimizer.
#pragma once

#include <span>
#include <string_view>

#include "shared/domain/trial_config.h"

namespace firesweep {

// "default", "study".
std::span<const std::string_view> preset_names();

// The recipe of that name, or null.
const TrialConfig* find_preset(std::string_view name);

// Sets what the user left open to what suits the config's optimizer: with sgd, lr 0.1 where
// `lr_open` and weight_decay 5e-4 where `weight_decay_open`; with adamw the config's own values
// stand.
void apply_optimizer_defaults(TrialConfig& config, bool lr_open, bool weight_decay_open);

}  // namespace firesweep
