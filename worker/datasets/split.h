// Splits the training set into images to train on and images held out. Reads no files.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "shared/base/error.h"

namespace firesweep {

// Indices into the training set, each list ascending, no index in both.
struct Split {
  std::vector<std::int64_t> train;
  std::vector<std::int64_t> validation;
};

// Draws a stratified split. `labels` are the images' labels, each below `classes`.
// - val_size: 0 for no validation; else a fraction or a count, as for held_out_images
//   (trial_work.h).
// - train_size: 0 for all images that are not held out; else the number of images to train on.
// Every class contributes its proportional share; the largest remainders decide about the last few
// images. Each image has a key that depends only on (split_seed, index), and a class contributes
// the images with its lowest keys. So the same arguments give the same split on every machine, and
// the validation images do not depend on train_size. kBadInput names val_size or train_size with
// what was found and what is possible. Pure; safe from any thread.
Result<Split> make_split(std::span<const std::uint8_t> labels, int classes, double val_size,
                         std::uint64_t split_seed, std::int64_t train_size);

}  // namespace firesweep
