// Presets: complete recipes that a sweep starts from, and the defaults that depend on the
// optimizer.
#pragma once

#include <span>
#include <string_view>

#include "shared/domain/trial_config.h"

namespace firesweep {

// "default", "sgd", "study".
std::span<const std::string_view> preset_names();

// The recipe of that name, or null.
const TrialConfig* find_preset(std::string_view name);

// Sets what the user left open to what suits an optimizer that is not the preset's own: `lr_open`
// lr 0.1 for sgd, 0.03 for muon and 0.003 for adamw, `weight_decay_open` 5e-4 for sgd and muon and
// 0.05 for adamw. `preset` is one of preset_names().
void apply_optimizer_defaults(TrialConfig& config, std::string_view preset, bool lr_open,
                              bool weight_decay_open);

}  // namespace firesweep
