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

// What measured best on CIFAR-100 within 4 to 15 epochs (docs/results).
TrialConfig make_sgd() {
  TrialConfig config;
  config.optimizer = "sgd";
  config.lr = 0.15;
  config.weight_decay = 5e-4;
  config.batch_size = 64;
  config.dropout = 0;
  return config;
}

constexpr std::array<std::string_view, 3> kNames = {"default", "sgd", "study"};

}  // namespace

std::span<const std::string_view> preset_names() { return kNames; }

const TrialConfig* find_preset(std::string_view name) {
  static const std::array<TrialConfig, kNames.size()> recipes = {TrialConfig{}, make_sgd(),
                                                                 make_study()};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return &recipes[i];
  }
  return nullptr;
}

void apply_optimizer_defaults(TrialConfig& config, std::string_view preset, bool lr_open,
                              bool weight_decay_open) {
  if (config.optimizer == find_preset(preset)->optimizer) return;
  const bool sgd = config.optimizer == "sgd", muon = config.optimizer == "muon";
  const TrialConfig adamw;
  if (lr_open) config.lr = sgd ? 0.1 : muon ? 0.03 : adamw.lr;
  if (weight_decay_open) config.weight_decay = sgd || muon ? 5e-4 : adamw.weight_decay;
}

}  // namespace firesweep
