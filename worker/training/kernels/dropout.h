// Dropout in training. On the CPU in single precision the mask is a hash of a seed and the place,
// made anew in the backward pass instead of kept; everywhere else it is LibTorch's.
#pragma once

#include <ATen/core/Tensor.h>

namespace firesweep {

// Each element of x is 0 with probability p, else divided by 1 - p; 0 < p < 1. What is dropped
// depends on the state of the device's default generator alone, which moves on, and on the place in
// memory; not on the threads.
at::Tensor dropout(const at::Tensor& x, double p);

}  // namespace firesweep
