#include "shared/domain/presets.h"

#include <array>

namespace firesweep {
namespace {

// The published study's recipe (TRAINING.md §4). What it does not state is PyTorch's default:
// AdamW's weight decay 0.01 and OneCycleLR's warm-up share 0.3.
TrialConfig make_study() {
  TrialConfig config;
  config.batch_size = 32;
  config.drop_last = false;
  config.optimizer = "adamw";
  config.lr = 0.01;
  config.weight_decay = 0.01;
  config.beta1 = 0.9;
  config.beta2 = 0.999;
  config.schedule = "one_cycle_per_epoch";
  config.warmup_fraction = 0.3;
  config.label_smoothing = 0.1;
  config.augmentation = "crop_flip_jitter";
  config.val_size = 0;
  config.select = "last";
  config.protocol = "study";
  return config;
}

constexpr std::array<std::string_view, 2> kNames = {"default", "study"};

}  // namespace

std::span<const std::string_view> preset_names() { return kNames; }

const TrialConfig* find_preset(std::string_view name) {
  static const std::array<TrialConfig, kNames.size()> recipes = {TrialConfig{}, make_study()};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return &recipes[i];
  }
  return nullptr;
}

void apply_optimizer_defaults(TrialConfig& config, bool lr_open, bool weight_decay_open) {
  if (config.optimizer != "sgd") return;
  if (lr_open) config.lr = 0.1;
  if (weight_decay_open) config.weight_decay = 5e-4;
}

}  // namespace firesweep
