// Convolution whose weights' gradient is a matrix product: on CPUs without AVX-512, oneDNN 3.12
// computes that gradient at half the speed of the other two passes, and it is the largest part of a
// training step. Everywhere else it is LibTorch's convolution.
#pragma once

#include <ATen/core/Tensor.h>

#include "shared/domain/layers.h"

namespace firesweep {

// x [N,C,H,W], weight [O,C/groups,k,k], bias [O] or undefined → [N,O,H',W'], as at::conv2d; with
// gradients to all three. The same inputs give the same bits for the same number of threads.
at::Tensor convolution(const Conv& conv, const at::Tensor& x, const at::Tensor& weight,
                       const at::Tensor& bias);

}  // namespace firesweep
