// How many images a trial holds out and trains on, and how much work that is. Every estimate,
// order of dispatch, check and trainer asks here. Pure; safe from any thread.
#pragma once

#include <cstdint>

#include "shared/domain/trial_config.h"

namespace firesweep {

// Training on one image, forward and backward, costs about this many forward passes.
inline constexpr std::int64_t kPassesPerImage = 3;

// The images held out of `all` for a `val_size`: below 1 that fraction of them, rounded to the
// nearest count with halves up; else that count. Always 0 … `all`, whatever is asked: who refuses
// sizes looks at `val_size` itself.
std::int64_t held_out_images(double val_size, std::int64_t all);

// The config's `val_size`; 0 under the protocols that hold nothing out.
double val_size_of(const TrialConfig& config);

struct TrialImages {
  std::int64_t held_out = 0;   // for validation
  std::int64_t training = 0;   // what the split leaves, or train_size of them
  std::int64_t steps = 0;      // of an epoch
  std::int64_t per_epoch = 0;  // trained on in an epoch: fewer where the last partial batch drops
  friend bool operator==(const TrialImages&, const TrialImages&) = default;
};

// How a trial uses a dataset of `all` training images. A train_size above what the split leaves
// means all that it leaves; a batch above `training` with drop_last makes no step.
TrialImages trial_images(const TrialConfig& config, std::int64_t all);

// Multiply-adds of training: passes × MACs × images × epochs; the largest number where they are
// more.
std::int64_t training_macs(std::int64_t macs, std::int64_t images_per_epoch, std::int64_t epochs);

// All of a trial's training, of a network of `macs` a forward pass, on `all` training images.
std::int64_t trial_macs(const TrialConfig& config, std::int64_t macs, std::int64_t all);

}  // namespace firesweep
