// Which images of the training set are trained on and which are held out. Owns the drawing; reads
// no files.
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

// Draws a stratified split of images whose labels are given, each below `classes`.
// - val_size: 0 for no validation; else a fraction or a count, as held_out_images (trial_work.h)
//   reads it.
// - train_size: 0 for all images not held out; else that many of them.
// Every class gives its proportional share, the last few images by largest remainder. Each image
// has a key that depends on (split_seed, index) alone, and a class gives those with its lowest
// keys. So the same arguments give the same split on every machine, and the validation images do
// not depend on train_size. kBadInput names val_size or train_size with what was found and what is
// possible. Pure; safe from any thread.
Result<Split> make_split(std::span<const std::uint8_t> labels, int classes, double val_size,
                         std::uint64_t split_seed, std::int64_t train_size);

}  // namespace firesweep
