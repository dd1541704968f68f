#include "worker/training/precision.h"

#include <ATen/autocast_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/worker/training/closed_form.h"
#include "worker/training/device.h"
#include "worker/training/kernels/cast_weights.h"

namespace firesweep {
namespace {

constexpr DeviceAbility kOldCpu{};
constexpr DeviceAbility kNewCpu{.bf16_on_cpu = true};
constexpr DeviceAbility kT4{.cuda = true, .capability = 75};
constexpr DeviceAbility kH100{.cuda = true, .capability = 90};
constexpr DeviceAbility kPascal{.cuda = true, .capability = 61};

TEST(ResolveAmp, AutoTakesWhatTheDeviceDoesFast) {
  EXPECT_EQ(resolve_amp("auto", kOldCpu), Amp::kOff);
  EXPECT_EQ(resolve_amp("auto", kNewCpu), Amp::kBf16);
  EXPECT_EQ(resolve_amp("auto", kPascal), Amp::kOff);
  EXPECT_EQ(resolve_amp("auto", kT4), Amp::kFp16);
  EXPECT_EQ(resolve_amp("auto", kH100), Amp::kBf16);
}

TEST(ResolveAmp, WhatIsAskedForIsTakenOrRefusedWithTheReason) {
  EXPECT_EQ(resolve_amp("off", kH100), Amp::kOff);
  EXPECT_EQ(resolve_amp("bf16", kNewCpu), Amp::kBf16);
  EXPECT_EQ(resolve_amp("fp16", kH100), Amp::kFp16);
  const auto cpu = resolve_amp("bf16", kOldCpu);
  ASSERT_FALSE(cpu);
  EXPECT_EQ(cpu.error().where, "amp");
  EXPECT_NE(cpu.error().what.find("AVX-512"), std::string::npos);
  const auto t4 = resolve_amp("bf16", kT4);
  ASSERT_FALSE(t4);
  EXPECT_NE(t4.error().what.find("7.5"), std::string::npos);
  EXPECT_FALSE(resolve_amp("fp16", kNewCpu));
  EXPECT_FALSE(resolve_amp("fp16", kPascal));
  EXPECT_FALSE(resolve_amp("fp32", kH100));
}

TEST(ResolveAmp, KindsOfferedAreThoseThatAreTaken) {
  for (const DeviceAbility& ability : {kOldCpu, kNewCpu, kT4, kH100, kPascal}) {
    const auto kinds = amp_kinds_of(ability);
    for (const char* kind : {"off", "bf16", "fp16"}) {
      const bool offered = std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
      EXPECT_EQ(offered, resolve_amp(kind, ability).has_value()) << kind;
    }
  }
}

TEST(AutocastScope, CastsWithinNestsAndLeavesNothingBehind) {
  const at::Tensor a = at::ones({4, 4});
  {
    const AutocastScope outer(at::kCPU, Amp::kBf16);
    EXPECT_EQ(at::matmul(a, a).scalar_type(), at::kBFloat16);
    {
      const AutocastScope inner(at::kCPU, Amp::kBf16);
      EXPECT_EQ(at::matmul(a, a).scalar_type(), at::kBFloat16);
    }
    EXPECT_EQ(at::matmul(a, a).scalar_type(), at::kBFloat16);
  }
  EXPECT_FALSE(at::autocast::is_autocast_enabled(at::kCPU));
  const AutocastScope none(at::kCPU, Amp::kOff);
  EXPECT_EQ(at::matmul(a, a).scalar_type(), at::kFloat);
}

// A model's gradients under autocast, with its weights cast together or one by one.
std::vector<at::Tensor> gradients_in_bf16(bool fused) {
  const Model model(shipped_architecture("v3"), 1, at::kCPU, {.fused = fused});
  const at::Tensor images =
      noise(3, {4, 3, 32, 32}, -1, 1).contiguous(at::MemoryFormat::ChannelsLast);
  at::Tensor loss;
  {
    const AutocastScope autocast(at::kCPU, Amp::kBf16);
    seed_generator(at::kCPU, 5);
    loss = model.forward(images, /*training=*/true).to(at::kFloat).square().sum();
  }
  loss.backward();
  std::vector<at::Tensor> gradients = {loss.detach()};
  for (const NamedTensor& parameter : model.parameters()) {
    EXPECT_EQ(parameter.tensor.grad().defined(), parameter.tensor.requires_grad())
        << parameter.name;
    if (parameter.tensor.grad().defined()) gradients.push_back(parameter.tensor.grad());
  }
  return gradients;
}

TEST(CastWeights, GiveTheBitsOfAutocast) {
  const std::vector<at::Tensor> together = gradients_in_bf16(true);
  const std::vector<at::Tensor> alone = gradients_in_bf16(false);
  ASSERT_EQ(together.size(), alone.size());
  for (std::size_t i = 0; i < alone.size(); ++i) {
    EXPECT_EQ(together[i].scalar_type(), at::kFloat);
    EXPECT_TRUE(at::equal(together[i], alone[i])) << i;
  }
}

TEST(CastWeights, AreTheirOwnAgainAfterwards) {
  CastWeights weights;
  const at::Tensor learned = at::ones({3}).set_requires_grad(true), fixed = at::ones({2});
  const std::size_t first = weights.add(learned), second = weights.add(fixed);
  {
    const CastWeights::Cast cast(weights, at::kBFloat16);
    EXPECT_EQ(weights.at(first).scalar_type(), at::kBFloat16);
    EXPECT_TRUE(weights.at(first).requires_grad());
    EXPECT_EQ(weights.at(second).scalar_type(), at::kBFloat16);
    EXPECT_FALSE(weights.at(second).requires_grad());
  }
  EXPECT_TRUE(weights.at(first).is_same(learned));
  EXPECT_TRUE(weights.at(second).is_same(fixed));
}

TEST(LossScaler, HalvesAtANonFiniteGradientAndDoublesAfter2000Steps) {
  LossScaler scaler(Amp::kFp16, at::kCPU);
  const at::Tensor one = at::full({}, 1.0F);
  const auto scale = [&] { return scaler.scaled(one).item<double>(); };
  const auto step = [&](float gradient) {
    const std::vector<at::Tensor> gradients = {at::full({3}, gradient)};
    scaler.unscale(gradients);
    scaler.update();
    return gradients[0][0].item<float>();
  };
  EXPECT_EQ(scale(), 65536);
  EXPECT_FLOAT_EQ(step(65536), 1);
  step(std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(scale(), 32768);
  for (int i = 0; i < 1999; ++i) step(1);
  EXPECT_EQ(scale(), 32768);
  step(1);
  EXPECT_EQ(scale(), 65536);
}

TEST(LossScaler, DoesNothingWhereNotFp16) {
  LossScaler scaler(Amp::kBf16, at::kCPU);
  const at::Tensor one = at::full({}, 1.0F);
  EXPECT_FALSE(scaler.active());
  EXPECT_TRUE(scaler.scaled(one).is_same(one));
  EXPECT_TRUE(scaler.state().empty());
}

}  // namespace
}  // namespace firesweep
