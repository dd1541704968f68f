// BatchNorm and the following ReLU as one operation, for several inputs whose outputs are joined,
// as at the end of a convolution block and of the two branches of a Fire module. In channels_last,
// on the CPU in single precision and on a GPU in training, it accesses memory about half as often
// as the two layers. In all other cases it runs the two layers.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace firesweep {

inline constexpr double kBatchNormMomentum = 0.1;  // PyTorch's
inline constexpr double kBatchNormEpsilon = 1e-5;

// BatchNorm's tensors, [C] each. Copies share them. `momentum` is the weight of a batch in the
// running statistics (Ioffe, Szegedy: Batch Normalization, 2015, §3.1, with PyTorch's meaning).
struct Norm {
  at::Tensor weight, bias, running_mean, running_var;
  double momentum = kBatchNormMomentum;
  // Scratch memory of the GPU kernels, from norm_counters(). If it is undefined, the layers run one
  // by one there. One stream at a time.
  at::Tensor counters = {};
};

// The tensor for Norm::counters, for this number of channels on that device.
at::Tensor norm_counters(std::int64_t channels, at::Device device);

// relu(batch_norm(inputs[i])) for every i, joined along the channels; [N,Ci,H,W] float or
// autocast's type. `training` normalises by the batch and updates the running statistics, as
// PyTorch's BatchNorm2d. Gradients flow to inputs, weights and biases. Equal inputs give equal
// bits, with any number of threads.
at::Tensor norm_relu(const std::vector<at::Tensor>& inputs, const std::vector<Norm>& norms,
                     bool training);

}  // namespace firesweep
