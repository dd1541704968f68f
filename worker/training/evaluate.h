// Accuracy and loss of a model on samples of a dataset, without gradients. Decides nothing about
// selection.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/metrics.h"
#include "worker/training/augment.h"
#include "worker/training/model.h"
#include "worker/training/precision.h"

namespace firesweep {

// The views of an image over which its logits are averaged.
enum class View {
  kAsIs,
  kBothMirrored,  // it and its mirror image
  // These two, and the same of the image moved by one pixel up and to the left and by one down and
  // to the right, all four as much as the first two (Jordan: 94% on CIFAR-10 in 3.29 Seconds on a
  // Single GPU, 2024, §3.5). The images have kShiftPadding.
  kMirroredAndShifted
};
inline constexpr int kShiftPadding = 1;  // by reflection

// The views that a word of the field `tta` adds to kAsIs. kBadInput names an unknown word. Pure.
Result<View> find_tta(const std::string& word);

// Evaluates in batches and calls `go_on` after each; returns nothing if it returns false. Reads the
// sums from the device once, at the end. Model and images are on one device.
std::optional<Evaluation> evaluate(const Model& model, const DeviceImages& images,
                                   std::span<const std::int64_t> samples, View view, Amp amp,
                                   const std::function<bool()>& go_on);

}  // namespace firesweep
