// Accuracy and loss of a model on samples of a dataset, without gradients. Decides nothing about
// selection.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "worker/training/augment.h"
#include "worker/training/model.h"
#include "worker/training/precision.h"

namespace firesweep {

struct Evaluation {
  double loss = 0;      // mean cross-entropy in nats, without label smoothing
  double accuracy = 0;  // top-1, a fraction
  double top5 = 0;      // a fraction
  // One bit an image in the order of the samples: image i is bit i % 8 (from the lowest) of byte i
  // / 8.
  std::vector<std::uint8_t> correct;
  friend bool operator==(const Evaluation&, const Evaluation&) = default;
};

enum class View {
  kAsIs,
  kBothMirrored  // the mean of the logits of each image and its mirror image
};

// Evaluates in batches, asking `go_on` after each; none where it says no. Reads the sums back once,
// at the end. Model and images are on one device.
std::optional<Evaluation> evaluate(const Model& model, const DeviceImages& images,
                                   std::span<const std::int64_t> samples, View view, Amp amp,
                                   const std::function<bool()>& go_on);

}  // namespace firesweep
