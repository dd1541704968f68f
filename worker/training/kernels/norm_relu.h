// BatchNorm and the ReLU after it as one operation, of several inputs side by side: what a
// convolution block and the two branches of a Fire module end in. In channels_last, on the CPU in
// single precision and on a GPU in training, it touches memory about half as often as the two
// layers would; everywhere else it is those layers.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace firesweep {

inline constexpr double kBatchNormMomentum = 0.1;  // PyTorch's
inline constexpr double kBatchNormEpsilon = 1e-5;

// BatchNorm's tensors, [C] each. Copies share them. `momentum` is the share that a batch has in the
// running statistics after it (Ioffe, Szegedy: Batch Normalization, 2015, §3.1, in PyTorch's
// sense).
struct Norm {
  at::Tensor weight, bias, running_mean, running_var;
  double momentum = kBatchNormMomentum;
  // Scratch of the kernels for a GPU, from norm_counters(); undefined has the layers run one by one
  // there. One stream at a time.
  at::Tensor counters = {};
};

// What Norm::counters holds, for so many channels on that device.
at::Tensor norm_counters(std::int64_t channels, at::Device device);

// relu(batch_norm(inputs[i])) for every i, joined along the channels; [N,Ci,H,W] float or
// autocast's type. `training` normalises by the batch and moves the running statistics, as
// PyTorch's BatchNorm2d does. Gradients flow to inputs, weights and biases. The same inputs give
// the same bits, on any number of threads.
at::Tensor norm_relu(const std::vector<at::Tensor>& inputs, const std::vector<Norm>& norms,
                     bool training);

}  // namespace firesweep
