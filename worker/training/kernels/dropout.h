// Dropout in training. On the CPU in single precision the mask is a hash of a seed and the
// element's position; the backward pass computes it again instead of storing it. Otherwise it is
// LibTorch's dropout.
#pragma once

#include <ATen/core/Tensor.h>

namespace firesweep {

// Each element of x becomes 0 with probability p, else it is divided by 1 - p; 0 < p < 1. The mask
// depends only on the state of the device's default generator, which advances, and on the position
// in memory; not on the number of threads.
at::Tensor dropout(const at::Tensor& x, double p);

}  // namespace firesweep
