// Presets: complete recipes that a sweep starts from, and the defaults that depend on the
// optimizer, by the version of the rules.
#pragma once

#include <string_view>
#include <vector>

#include "shared/domain/trial_config.h"

namespace firesweep {

// The version of the rules that turn a sweep file into trials: presets, defaults, and how points
// are drawn, merged and numbered. Raised with any change of these; what older versions did stays
// here, and a stored sweep keeps the version it was submitted with. A new field whose default is
// what was done before it needs no new version.
inline constexpr int kRulesVersion = 3;

// "adamw", "default", "muon", "sgd", "study": those that a version of the rules has.
std::vector<std::string_view> preset_names(int rules = kRulesVersion);

// The recipe of that name, or null.
const TrialConfig* find_preset(std::string_view name, int rules = kRulesVersion);

// Sets what the user left open to what suits an optimizer that is not the preset's own: `lr_open`
// lr 0.1 for sgd, 0.03 for muon and 0.003 for adamw, `weight_decay_open` 5e-4 for sgd and muon and
// 0.05 for adamw. `preset` is one of preset_names().
void apply_optimizer_defaults(TrialConfig& config, std::string_view preset, bool lr_open,
                              bool weight_decay_open, int rules = kRulesVersion);

}  // namespace firesweep
