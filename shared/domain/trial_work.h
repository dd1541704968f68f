// How many images a trial holds out and trains on, and how much work that is. All estimates,
// checks, trainers and the order of dispatch use these functions. Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "shared/domain/trial_config.h"

namespace firesweep {

// Training on one image, forward and backward, costs about this many forward passes.
inline constexpr std::int64_t kPassesPerImage = 3;

// The number of images held out of `all`. A `val_size` below 1 is a fraction, rounded to the
// nearest number, halves up; otherwise it is the number itself. The result is always within 0 …
// `all`; to refuse a size, check `val_size` itself.
std::int64_t held_out_images(double val_size, std::int64_t all);

// The config's `val_size`; 0 under protocols without held-out images.
double val_size_of(const TrialConfig& config);

// Whether trials that differ in this parameter of sweep files may differ in their cost: in work,
// time, or what their speed depends on.
bool is_of_cost(std::string_view parameter);

struct TrialImages {
  std::int64_t held_out = 0;   // for validation
  std::int64_t training = 0;   // what the split leaves, or train_size of them
  std::int64_t steps = 0;      // of an epoch
  std::int64_t per_epoch = 0;  // trained on in an epoch: fewer where the last partial batch drops
  friend bool operator==(const TrialImages&, const TrialImages&) = default;
};

// How a trial uses a dataset of `all` training images. A train_size above the number that the split
// leaves uses all of them. If the batch is larger than `training` and drop_last is set, there is no
// step.
TrialImages trial_images(const TrialConfig& config, std::int64_t all);

// Multiply-adds of training: passes × MACs × images × epochs; the largest int64 if they exceed it.
std::int64_t training_macs(std::int64_t macs, std::int64_t images_per_epoch, std::int64_t epochs);

// Multiply-adds of a trial's whole training, for a network of `macs` per forward pass, on a dataset
// of `all` training images.
std::int64_t trial_macs(const TrialConfig& config, std::int64_t macs, std::int64_t all);

}  // namespace firesweep
