#include "worker/training/whitening.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

namespace firesweep {
namespace {

// Images looked at: a patch of k² pixels makes k² times the products of one pixel, so that with
// more than 3×3 of them fewer images will do.
constexpr std::int64_t kMostImages = 5000;
constexpr std::int64_t kMostImagePixels = 9 * kMostImages;

constexpr std::int64_t kImagesAtOnce = 64;  // their 3×3 patches take 12 MB

// Of the largest eigenvalue: what is smaller is rounding, as where images are grey.
constexpr double kNothing = 1e-9;

std::vector<std::int64_t> evenly_spaced(std::span<const std::int64_t> samples, std::int64_t most) {
  const auto all = static_cast<std::int64_t>(samples.size()), count = std::min(all, most);
  std::vector<std::int64_t> chosen;
  chosen.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i)
    chosen.push_back(samples[static_cast<std::size_t>(i * all / count)]);
  return chosen;
}

// [3k²,patches] double: the pixels, 0 … 255, of every patch of these images.
at::Tensor patches_of(const Dataset& dataset, std::span<const std::int64_t> samples,
                      std::int64_t kernel) {
  const auto count = static_cast<std::int64_t>(samples.size());
  const at::Tensor images = at::empty({count, kChannels, kSide, kSide}, at::kByte);
  auto* to = images.mutable_data_ptr<std::uint8_t>();
  for (const std::int64_t sample : samples) {
    std::memcpy(to, dataset.images(Subset::kTrain).data() + sample * kImageBytes, kImageBytes);
    to += kImageBytes;
  }
  return images.unfold(2, kernel, 1)
      .unfold(3, kernel, 1)
      .permute({1, 4, 5, 0, 2, 3})
      .reshape({kChannels * kernel * kernel, -1})
      .to(at::kDouble);
}

}  // namespace

const Conv* image_stem(const ResolvedArchitecture& architecture) {
  const Layers* layers = &architecture.layers;
  while (!layers->empty()) {
    const LayerOp& first = layers->front().op;
    if (const auto* const conv = std::get_if<Conv>(&first))
      return conv->groups == 1 && conv->kernel <= kSide ? conv : nullptr;
    const auto* const group = std::get_if<Sequence>(&first);
    if (group == nullptr) return nullptr;
    layers = &group->layers;
  }
  return nullptr;
}

at::Tensor patch_covariance(const Dataset& dataset, std::span<const std::int64_t> samples,
                            std::int64_t kernel) {
  assert(!samples.empty() && kernel >= 1 && kernel <= kSide);
  const at::NoGradGuard no_grad;
  const std::int64_t numbers = kChannels * kernel * kernel;
  at::Tensor sums = at::zeros({numbers}, at::kDouble);
  at::Tensor products = at::zeros({numbers, numbers}, at::kDouble);
  const auto count = static_cast<std::int64_t>(samples.size());
  for (std::int64_t begin = 0; begin < count; begin += kImagesAtOnce) {
    const std::int64_t some = std::min(kImagesAtOnce, count - begin);
    const at::Tensor patches = patches_of(
        dataset, samples.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(some)),
        kernel);
    sums.add_(patches.sum(1));
    products.add_(at::matmul(patches, patches.t()));
  }
  const std::int64_t places = kSide - kernel + 1;
  const auto patches = static_cast<double>(count * places * places);
  std::vector<double> deviations;
  for (const float deviation : dataset.info().stddev)
    deviations.insert(deviations.end(), static_cast<std::size_t>(kernel * kernel),
                      255 * static_cast<double>(deviation));
  const at::Tensor scale = at::tensor(deviations, at::kDouble);
  return products.sub(at::outer(sums, sums).div(patches)).div(patches).div(at::outer(scale, scale));
}

at::Tensor whitening_filters(const Dataset& dataset, std::span<const std::int64_t> samples,
                             const Conv& stem) {
  const at::NoGradGuard no_grad;
  const std::int64_t k = stem.kernel;
  const auto seen = evenly_spaced(samples, std::min(kMostImages, kMostImagePixels / (k * k)));
  const auto [ascending, columns] = at::linalg_eigh(patch_covariance(dataset, seen, k));
  const at::Tensor values = ascending.flip(0), vectors = columns.t().flip(0);

  const double least = kNothing * values[0].item<double>();
  const std::int64_t varied = values.gt(least).sum().item<std::int64_t>();
  const std::int64_t directions = std::min(varied, (stem.out + 1) / 2);
  const at::Tensor chosen = vectors.narrow(0, 0, directions);
  // An eigenvector's sign is the solver's whim: its largest number is made positive.
  const at::Tensor sign = chosen.gather(1, chosen.abs().argmax(1, true)).sign();
  const at::Tensor root = values.narrow(0, 0, directions).add(kWhiteningEpsilon).sqrt();
  const at::Tensor one = chosen.mul(sign).div(root.unsqueeze(1));
  const at::Tensor other = one.narrow(0, 0, std::min(directions, stem.out - directions)).neg();
  return at::cat({one, other}).to(at::kFloat).view({-1, kChannels, k, k});
}

void set_first_filters(const Model& model, const at::Tensor& filters) {
  const at::NoGradGuard no_grad;
  const at::Tensor stem = model.parameters().front().tensor;
  stem.narrow(0, 0, filters.size(0)).copy_(filters);
}

}  // namespace firesweep
