#include "worker/training/kernels/winograd.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/worker/training/closed_form.h"
#include "worker/training/precision.h"

namespace firesweep {
namespace {

struct ConvolutionOutputs {
  at::Tensor out;
  std::array<at::Tensor, 3> gradients;  // of images, weight and bias
};

struct Sizes {
  std::int64_t images, in, out, height, width;
};

at::Tensor channels_last(const at::Tensor& x) {
  return x.contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor images_of(const Sizes& s) {
  return channels_last(noise(1, {s.images, s.in, s.height, s.width}, -1, 2));
}

at::Tensor weight_of(const Sizes& s) {
  return channels_last(noise(2, {s.out, s.in, 3, 3}, -0.1, 0.1));
}

ConvolutionOutputs run(const Sizes& s, bool ours, at::ScalarType type = at::kFloat) {
  const at::Tensor x = images_of(s).to(type).set_requires_grad(true);
  const at::Tensor weight = weight_of(s).to(type).set_requires_grad(true);
  const at::Tensor bias = noise(3, {s.out}, -1, 1).to(type).set_requires_grad(true);
  const at::Tensor y = ours ? winograd_conv(x, weight, bias) : at::conv2d(x, weight, bias, 1, 1);
  y.mul(noise(4, {s.images, s.out, s.height, s.width}, -1, 1).to(type)).sum().backward();
  return {y.detach(), {x.grad(), weight.grad(), bias.grad()}};
}

// The largest error beside the largest value.
double relative_error(const at::Tensor& found, const at::Tensor& exact) {
  return found.to(at::kDouble).sub(exact).abs().max().item<double>() /
         exact.abs().max().item<double>();
}

TEST(Winograd, IsTheConvolutionAndItsGradients) {
  for (const Sizes& sizes :
       {Sizes{3, 8, 24, 4, 6}, Sizes{2, 33, 17, 8, 2}, Sizes{5, 128, 160, 16, 16}}) {
    const ConvolutionOutputs exact = run(sizes, false, at::kDouble);
    const ConvolutionOutputs ours = run(sizes, true);
    EXPECT_LT(relative_error(ours.out, exact.out), 2e-6) << sizes.in;
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_LT(relative_error(ours.gradients[i], exact.gradients[i]), 4e-6)
          << sizes.in << ' ' << i;
  }
}

TEST(Winograd, ManyImagesAreTakenInPortions) {
  const Sizes sizes{40, 128, 128, 16, 16};
  const ConvolutionOutputs ours = run(sizes, true), exact = run(sizes, false, at::kDouble);
  EXPECT_LT(relative_error(ours.out, exact.out), 2e-6);
  EXPECT_LT(relative_error(ours.gradients[1], exact.gradients[1]), 4e-6);
}

TEST(Winograd, BiasMayBeMissing) {
  const Sizes sizes{2, 16, 8, 4, 4};
  const at::NoGradGuard no_grad;
  const at::Tensor with = winograd_conv(images_of(sizes), weight_of(sizes), at::zeros({8}));
  EXPECT_TRUE(at::equal(winograd_conv(images_of(sizes), weight_of(sizes), {}), with));
}

TEST(Winograd, RepeatsBitForBit) {
  const Sizes sizes{40, 128, 128, 16, 16};
  const ConvolutionOutputs once = run(sizes, true), again = run(sizes, true);
  EXPECT_TRUE(at::equal(once.out, again.out));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(at::equal(once.gradients[i], again.gradients[i]));
}

TEST(Winograd, PaysForManyChannelsInSinglePrecisionOnTheCpu) {
  const Sizes wide{1, 256, 256, 4, 4}, narrow{1, 128, 512, 4, 4}, odd{1, 256, 256, 5, 4};
  EXPECT_TRUE(winograd_pays(images_of(wide), weight_of(wide)));
  EXPECT_FALSE(winograd_pays(images_of(narrow), weight_of(narrow)));
  EXPECT_FALSE(winograd_pays(images_of(odd), weight_of(odd)));
  EXPECT_FALSE(winograd_pays(images_of(wide).to(at::kDouble), weight_of(wide).to(at::kDouble)));
  EXPECT_FALSE(
      winograd_pays(images_of(wide).contiguous(at::MemoryFormat::Contiguous), weight_of(wide)));
  const AutocastScope autocast(at::kCPU, Amp::kBf16);
  EXPECT_FALSE(winograd_pays(images_of(wide), weight_of(wide)));
}

}  // namespace
}  // namespace firesweep
