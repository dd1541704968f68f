// One fully resolved trial: everything that a worker needs to train it, except on which device.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "shared/domain/choices.h"
#include "shared/domain/value.h"

namespace firesweep {

// Immutable once the search room made it. Every member except `arch_params` and `seed` is an entry
// of the field table (fields.h), which has its bounds, unit and help.
struct TrialConfig {
  // what is trained
  std::string variant = "v3";  // name of an architecture in the sweep's frozen set
  std::map<std::string, Value>
      arch_params;  // swept "arch.NAME" parameters of the architecture file
  std::string init = "torch";
  double dropout = -1.0;  // overrides every dropout of the architecture; negative: the file's own

  // how long and how fast
  std::int64_t epochs = 15;
  std::int64_t batch_size = 128;
  bool drop_last = true;
  std::string optimizer = "adamw";
  double lr =
      3e-3;  // peak; 0.1 where the optimizer is sgd, 0.03 where it is muon and none is given
  double sgd_lr = 0.1;         // peak of what muon leaves to SGD
  double weight_decay = 0.05;  // 5e-4 where the optimizer is sgd or muon and none is given
  bool decay_all = false;      // BatchNorm's parameters and biases too
  double momentum = 0.9;
  double beta1 = 0.9;
  double beta2 = 0.999;
  std::string schedule = "one_cycle";
  std::int64_t schedule_epochs = 0;  // length of the schedule; 0: `epochs`
  double warmup_fraction = 0.25;
  std::int64_t cooldown_epochs = 0;  // at the end of a constant rate
  double grad_clip = 0.0;
  double bn_bias_lr_factor = 1.0;  // of the rate of BatchNorm's biases
  double bn_momentum = 0.1;        // PyTorch's sense: a batch's share in the running statistics

  // regularisation and augmentation
  double label_smoothing = 0.1;
  std::string augmentation = "crop_flip";
  std::int64_t crop_padding = 4;
  std::string pad_mode = "zero";
  std::string flip = "random";
  bool trivial_augment = false;
  std::int64_t cutout = 0;  // side in pixels
  double mixup_alpha = 0.0;
  double cutmix_alpha = 0.0;
  double ema_decay = 0.0;
  std::string tta = "none";

  // data and selection
  double val_size = 5000;
  std::int64_t split_seed = 0;
  std::int64_t train_size = 0;
  std::int64_t test_size = 0;
  std::string select = "last";
  Protocol protocol = Protocol::kHeldOut;

  // numerics
  std::string amp = "auto";
  bool deterministic = false;

  // of the simulated trainer only
  double simulated_seconds = 0.0;
  double simulated_failure_rate = 0.0;

  std::int64_t seed = 1;  // training seed; from the sweep's `seeds`, never a parameter

  friend bool operator==(const TrialConfig&, const TrialConfig&) = default;
};

}  // namespace firesweep
