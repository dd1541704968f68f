// A stem that begins as a patch-whitening filter bank: its first filters are the eigenvectors of
// the covariance of normalised training patches, each scaled to unit variance, with both signs.
//   Page: How to Train Your ResNet 8, 2019 (the whitening); Jordan: 94% on CIFAR-10 in 3.29 Seconds
//   on a Single GPU, 2024, §3.2 (both signs, ε).
// Computed in float64 on the CPU; knows no optimizer.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

#include "shared/domain/layers.h"
#include "worker/datasets/dataset.h"
#include "worker/training/model.h"

namespace firesweep {

// Added to an eigenvalue before its root is divided by, as in airbench94: directions in which
// patches hardly vary are not blown up.
inline constexpr double kWhiteningEpsilon = 5e-4;

// The convolution that every pixel of the images enters by, or null where the architecture begins
// with something else, or with a convolution in groups. Pure.
const Conv* image_stem(const ResolvedArchitecture& architecture);

// [3k²,3k²] double: covariance of the normalised k×k patches of these training images, `kernel`
// being k ≤ 32. Patches lie within the images; their numbers come as in a filter [3,k,k]. A patch's
// pixels are summed as whole numbers, so the sums are exact whatever the threads. Pure.
at::Tensor patch_covariance(const Dataset& dataset, std::span<const std::int64_t> samples,
                            std::int64_t kernel);

// [n,3,k,k] float, n ≤ stem.out: v/√(λ+ε) for the eigenvectors v of the largest eigenvalues λ, the
// largest first, then their negatives in the same order. All eigenvectors where the stem has room,
// but those in whose direction no patch varies. Of `samples`, not empty, at most 5,000 are looked
// at, evenly spaced. Pure.
at::Tensor whitening_filters(const Dataset& dataset, std::span<const std::int64_t> samples,
                             const Conv& stem);

// Lets the model's first convolution begin with these filters; its others stay as they are. The
// model is one of an architecture with an image_stem().
void set_first_filters(const Model& model, const at::Tensor& filters);

}  // namespace firesweep
