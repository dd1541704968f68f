// Convolution with 3×3 filters by Winograd's minimal filtering F(2×2, 3×3) (Lavin, Gray: Fast
// Algorithms for Convolutional Neural Networks, 2016): 2.25 times fewer multiplications than the
// direct way, done as matrix products. For the CPU in single precision, where LibTorch has only
// direct kernels.
#pragma once

#include <ATen/core/Tensor.h>

namespace firesweep {

// Whether winograd_conv may be called, and is worth it: x [N,C,H,W] and weight [O,C,3,3], float on
// the CPU in channels_last, even H and W, many channels on both sides, outside autocast. Stride 1,
// padding 1 and one group are the caller's to know.
bool winograd_pays(const at::Tensor& x, const at::Tensor& weight);

// conv2d(x, weight, bias, stride 1, padding 1): [N,O,H,W] float in channels_last. `bias` is [O], or
// undefined. Gradients flow to all three. Rounding differs from the direct way's by a few units in
// the last place of the largest term. Equal inputs give equal bits for equal numbers of threads.
at::Tensor winograd_conv(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace firesweep
