// Presets: complete recipes on which a sweep is based, and the defaults that depend on the
// optimizer, for each version of the rules.
#pragma once

#include <string_view>
#include <vector>

#include "shared/domain/trial_config.h"

namespace firesweep {

// The version of the rules that turn a sweep file into trials: presets, defaults, and how points
// are drawn, merged and numbered. Raise it with any change of these, and keep the code of the older
// versions: a stored sweep keeps the version it was submitted with. A new field needs no new
// version if its default is the previous behaviour.
inline constexpr int kRulesVersion = 8;

// The presets of a version of the rules: "adamw", "default", "muon", "sgd", "study".
std::vector<std::string_view> preset_names(int rules = kRulesVersion);

// The recipe of that name, or null.
const TrialConfig* find_preset(std::string_view name, int rules = kRulesVersion);

// If the optimizer is not the preset's own, sets values that suit it: if `lr_open` (the user did
// not set lr), lr 0.1 for sgd, 0.03 for muon and 0.003 for adamw; if `weight_decay_open`, 5e-4 for
// sgd and muon and 0.05 for adamw. `preset` is one of preset_names().
void apply_optimizer_defaults(TrialConfig& config, std::string_view preset, bool lr_open,
                              bool weight_decay_open, int rules = kRulesVersion);

}  // namespace firesweep
