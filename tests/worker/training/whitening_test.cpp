#include "worker/training/whitening.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/eye.h>
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "tests/worker/training/closed_form.h"
#include "tests/worker/training/synthetic.h"
#include "worker/training/augment.h"

namespace firesweep {
namespace {

const Dataset& data() {
  static const Dataset dataset = synthetic_dataset(40, 8, 4);
  return dataset;
}

std::vector<std::int64_t> some_samples(std::int64_t count = 20) {
  std::vector<std::int64_t> samples(static_cast<std::size_t>(count));
  std::iota(samples.begin(), samples.end(), std::int64_t{3});
  return samples;
}

Conv stem(std::int64_t filters, std::int64_t kernel) {
  return {.in = 3,
          .out = filters,
          .kernel = kernel,
          .stride = 1,
          .padding = 0,
          .groups = 1,
          .bias = false};
}

// What the network is shown of those images: [N,3,32,32] double, normalised.
at::Tensor shown(const std::vector<std::int64_t>& samples) {
  const DeviceImages images(data(), Subset::kTrain, 0, at::kCPU);
  return images.batch(images.plain(samples), 0, static_cast<std::int64_t>(samples.size()))
      .images.to(at::kDouble);
}

// [channels,channels]: over all places of [N,channels,H,W].
at::Tensor covariance_of(const at::Tensor& outputs) {
  const at::Tensor rows = outputs.transpose(0, 1).reshape({outputs.size(1), -1});
  const at::Tensor centred = rows.sub(rows.mean(1, true));
  return centred.matmul(centred.t()).div(static_cast<double>(rows.size(1)));
}

double furthest(const at::Tensor& a, const at::Tensor& b) {
  return a.sub(b).abs().max().item<double>();
}

// The sum over every pair of pixels of every patch, one after the other.
at::Tensor naive_covariance(const std::vector<std::int64_t>& samples, std::int64_t k) {
  const at::Tensor images = shown(samples).contiguous();
  const auto* const pixels = images.const_data_ptr<double>();
  const std::int64_t numbers = 3 * k * k, places = kSide - k + 1;
  const auto pixel = [&](std::int64_t image, std::int64_t number, std::int64_t y, std::int64_t x) {
    const std::int64_t channel = number / (k * k), row = number / k % k, column = number % k;
    return pixels[((image * 3 + channel) * kSide + y + row) * kSide + x + column];
  };
  const at::Tensor covariance = at::empty({numbers, numbers}, at::kDouble);
  for (std::int64_t a = 0; a < numbers; ++a) {
    for (std::int64_t b = 0; b < numbers; ++b) {
      double product = 0, sum_a = 0, sum_b = 0, count = 0;
      for (std::int64_t image = 0; image < images.size(0); ++image)
        for (std::int64_t y = 0; y < places; ++y)
          for (std::int64_t x = 0; x < places; ++x, ++count) {
            product += pixel(image, a, y, x) * pixel(image, b, y, x);
            sum_a += pixel(image, a, y, x);
            sum_b += pixel(image, b, y, x);
          }
      covariance[a][b] = product / count - sum_a / count * (sum_b / count);
    }
  }
  return covariance;
}

TEST(Whitening, TheCovarianceIsThatOfNormalisedPatches) {
  const auto samples = some_samples(5);
  for (const std::int64_t kernel : {1, 2, 3}) {
    EXPECT_LT(
        furthest(patch_covariance(data(), samples, kernel), naive_covariance(samples, kernel)),
        1e-5)
        << kernel;
  }
}

TEST(Whitening, WhatTheFiltersShowOfPatchesIsUncorrelatedWithUnitVariance) {
  const auto samples = some_samples();
  for (const std::int64_t kernel : {2, 3}) {
    const std::int64_t directions = 3 * kernel * kernel;
    const at::Tensor filters = whitening_filters(data(), samples, stem(64, kernel));
    ASSERT_EQ(filters.sizes(),
              (std::vector<std::int64_t>{2 * directions, kChannels, kernel, kernel}));
    const at::Tensor one = filters.narrow(0, 0, directions);
    EXPECT_TRUE(at::equal(filters.narrow(0, directions, directions), one.neg()));
    const at::Tensor outputs = at::conv2d(shown(samples), one.to(at::kDouble));
    EXPECT_LT(furthest(covariance_of(outputs), at::eye(directions, at::kDouble)), 0.01);
  }
}

TEST(Whitening, ANarrowStemHasTheLargestEigenvaluesWithBothSigns) {
  const auto samples = some_samples();
  const at::Tensor all = whitening_filters(data(), samples, stem(54, 3));
  const at::Tensor odd = whitening_filters(data(), samples, stem(7, 3));
  ASSERT_EQ(odd.size(0), 7);
  EXPECT_TRUE(at::equal(odd.narrow(0, 0, 4), all.narrow(0, 0, 4)));
  EXPECT_TRUE(at::equal(odd.narrow(0, 4, 3), all.narrow(0, 27, 3)));
  // v/√λ is the shorter the larger λ is.
  const at::Tensor norms = all.narrow(0, 0, 27).flatten(1).norm(2, 1);
  EXPECT_TRUE(norms.diff().gt(0).all().item<bool>());
}

TEST(Whitening, IsAFunctionOfTheImagesAlone) {
  const auto samples = some_samples();
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor by_one = whitening_filters(data(), samples, stem(64, 3));
  at::set_num_threads(4);
  EXPECT_TRUE(at::equal(whitening_filters(data(), samples, stem(64, 3)), by_one));
  at::set_num_threads(threads);
  EXPECT_FALSE(at::equal(whitening_filters(data(), some_samples(19), stem(64, 3)), by_one));
}

TEST(Whitening, DirectionsInWhichNoPatchVariesGiveNoFilter) {
  const at::Tensor filters =
      whitening_filters(synthetic_dataset(20, 8, 4, /*grey=*/true), some_samples(10), stem(64, 3));
  ASSERT_EQ(filters.sizes(), (std::vector<std::int64_t>{2 * 9, 3, 3, 3}));
}

TEST(Whitening, TheStemIsTheConvolutionThatSeesTheImages) {
  const ResolvedArchitecture v3 = shipped_architecture("v3");
  ASSERT_NE(image_stem(v3), nullptr) << "a group's first layer";
  EXPECT_EQ(image_stem(v3)->out, 64);
  EXPECT_EQ(image_stem({}), nullptr);
}

TEST(Whitening, FiltersTakeTheFirstPlacesOfTheStemAndLeaveTheRest) {
  const ResolvedArchitecture file = shipped_architecture("v3");
  const Model model(file, 1, at::kCPU, {.init = Init::kDiracWhiten}),
      dirac(file, 1, at::kCPU, {.init = Init::kDirac});
  const at::Tensor filters = whitening_filters(data(), some_samples(), *image_stem(file));
  ASSERT_EQ(filters.size(0), 54);
  set_first_filters(model, filters);
  const at::NoGradGuard no_grad;
  const at::Tensor begun = model.parameters()[0].tensor, drawn = dirac.parameters()[0].tensor;
  EXPECT_TRUE(at::equal(begun.narrow(0, 0, 54), filters));
  EXPECT_TRUE(at::equal(begun.narrow(0, 54, 10), drawn.narrow(0, 54, 10)));
  EXPECT_TRUE(begun.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(begun.requires_grad());
  for (std::size_t i = 1; i < model.parameters().size(); ++i)
    EXPECT_TRUE(at::equal(model.parameters()[i].tensor, dirac.parameters()[i].tensor))
        << model.parameters()[i].name;
}

}  // namespace
}  // namespace firesweep
