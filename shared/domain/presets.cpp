#include "shared/domain/presets.h"

#include <cassert>
#include <vector>

#include "shared/domain/fields.h"

namespace firesweep {
namespace {

// ---- version 1 of the rules: never edited but for a field that another takes the place of ----

TrialConfig make_default_1() {
  TrialConfig config;
  config.variant = "v3";
  config.dropout = -1.0;
  config.epochs = 15;
  config.batch_size = 128;
  config.drop_last = true;
  config.optimizer = "adamw";
  config.lr = 3e-3;
  config.weight_decay = 0.05;
  config.momentum = 0.9;
  config.beta1 = 0.9;
  config.beta2 = 0.999;
  config.schedule = "one_cycle";
  config.warmup_fraction = 0.25;
  config.grad_clip = 0.0;
  config.label_smoothing = 0.1;
  config.augmentation = "crop_flip";
  config.ema_decay = 0.0;
  config.tta = "none";
  config.val_size = 5000;
  config.split_seed = 0;
  config.train_size = 0;
  config.test_size = 0;
  config.select = "last";
  config.protocol = Protocol::kHeldOut;
  config.amp = "auto";
  config.deterministic = false;
  config.simulated_seconds = 0.0;
  config.simulated_failure_rate = 0.0;
  return config;
}

TrialConfig make_study_1() {
  TrialConfig config = make_default_1();
  config.batch_size = 32;
  config.drop_last = false;
  config.lr = 0.01;
  config.weight_decay = 0.01;
  config.schedule = "one_cycle_per_epoch";
  config.warmup_fraction = 0.3;
  config.augmentation = "crop_flip_jitter";
  config.val_size = 0;
  config.protocol = Protocol::kStudy;
  return config;
}

TrialConfig make_sgd_1() {
  TrialConfig config = make_default_1();
  config.optimizer = "sgd";
  config.lr = 0.15;
  config.weight_decay = 5e-4;
  config.batch_size = 64;
  config.dropout = 0;
  return config;
}

// ---- version 2 ----

// What was taken for the published study's recipe: OneCycleLR's peak for AdamW's rate, over the
// epochs trained, and decay of weights only.
TrialConfig make_study_2() {
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
  config.protocol = Protocol::kStudy;
  return config;
}

// What measured best on CIFAR-100 within 3 to 15 epochs, part by part (docs/results).
TrialConfig make_muon() {
  TrialConfig config;
  config.optimizer = "muon";
  config.lr = 0.02;
  config.weight_decay = 5e-4;
  config.dropout = 0;
  config.bn_bias_lr_factor = 8;
  config.flip = "alternating";
  config.pad_mode = "reflect";
  return config;
}

// What measured best before Muon.
TrialConfig make_sgd() {
  TrialConfig config;
  config.optimizer = "sgd";
  config.lr = 0.15;
  config.weight_decay = 5e-4;
  config.batch_size = 64;
  config.dropout = 0;
  return config;
}

// ---- version 3 ----

// The published study's recipe. Its notebook (adrinorosario/cifar100-hybrid-architectures) gives
// AdamW a rate of 0.01, which a OneCycleLR of max_lr 0.1 over 50 epochs replaces, made anew every
// epoch: each runs from 0.004 to 0.005. AdamW's weight decay is PyTorch's default, on all
// parameters.
TrialConfig make_study() {
  TrialConfig config = make_study_2();
  config.lr = 0.1;
  config.schedule_epochs = 50;
  config.decay_all = true;
  return config;
}

// ---- version 3 ----

// What measured best on CIFAR-100 after 15 epochs, part by part, on Fire modules and residual
// networks (docs/results).
TrialConfig make_default() {
  TrialConfig config = make_muon();
  config.init = "dirac";
  config.sgd_lr = 0.2;
  config.crop_padding = 2;
  return config;
}

struct Preset {
  std::string_view name;
  int since;  // until the next one of its name
  TrialConfig config;
};

// Fields that came later have the value that was trained with before them.
TrialConfig as_of(int rules, TrialConfig config) {
  for (const Field& field : fields()) {
    if (field.since <= rules) continue;
    assert(field.before);
    [[maybe_unused]] const auto set = set_field(config, field, *field.before, field.name);
    assert(set);
  }
  return config;
}

// By name, older versions first.
const std::vector<Preset>& presets() {
  static const std::vector<Preset> all = {{"adamw", 3, TrialConfig{}},
                                          {"default", 1, as_of(1, make_default_1())},
                                          {"default", 2, TrialConfig{}},
                                          {"default", 3, make_default()},
                                          {"muon", 2, make_muon()},
                                          {"sgd", 1, as_of(1, make_sgd_1())},
                                          {"sgd", 2, make_sgd()},
                                          {"study", 1, as_of(1, make_study_1())},
                                          {"study", 2, as_of(2, make_study_2())},
                                          {"study", 3, make_study()}};
  return all;
}

}  // namespace

std::vector<std::string_view> preset_names(int rules) {
  std::vector<std::string_view> names;
  for (const Preset& preset : presets()) {
    if (preset.since <= rules && (names.empty() || names.back() != preset.name))
      names.push_back(preset.name);
  }
  return names;
}

const TrialConfig* find_preset(std::string_view name, int rules) {
  const TrialConfig* newest = nullptr;
  for (const Preset& preset : presets()) {
    if (preset.name == name && preset.since <= rules) newest = &preset.config;
  }
  return newest;
}

void apply_optimizer_defaults(TrialConfig& config, std::string_view preset, bool lr_open,
                              bool weight_decay_open, int rules) {
  if (config.optimizer == find_preset(preset, rules)->optimizer) return;
  const bool sgd = config.optimizer == "sgd", muon = config.optimizer == "muon";
  const TrialConfig& adamw = *find_preset(rules < 3 ? "default" : "adamw", rules);
  if (lr_open) config.lr = sgd ? 0.1 : muon ? 0.03 : adamw.lr;
  if (weight_decay_open) config.weight_decay = sgd || muon ? 5e-4 : adamw.weight_decay;
}

}  // namespace firesweep
