#include "worker/training/optim.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/worker/training/closed_form.h"

namespace firesweep {
namespace {

// A weight and a bias as `optimizers` of make_reference.py has them.
struct WeightAndBias {
  at::Tensor weight = noise(700, {3, 4}, -1, 1).set_requires_grad(true);
  at::Tensor bias = noise(701, {3}, -1, 1).set_requires_grad(true);

  NamedTensors named() const { return {{"weight", weight}, {"bias", bias}}; }
  void set_gradients(std::int64_t step) const {
    weight.mutable_grad() = noise(710 + 2 * step, {3, 4}, -1, 1);
    bias.mutable_grad() = noise(711 + 2 * step, {3}, -1, 1);
  }
  at::Tensor values() const { return at::cat({weight.detach().view({-1}), bias.detach()}); }
};

TrialConfig config_for(double grad_clip) {
  TrialConfig config;
  config.weight_decay = 0.05;
  config.beta2 = 0.99;
  config.grad_clip = grad_clip;
  return config;
}

Rates rates_of(std::int64_t step) {
  return {.lr = 0.01 * static_cast<double>(step + 1),
          .momentum = 0.95 - 0.01 * static_cast<double>(step)};
}

void expect_trajectory(OptimizerKind kind, double grad_clip, const char* name) {
  const WeightAndBias two;
  Optimizer optimizer(kind, config_for(grad_clip), two.named());
  LossScaler scaler(Amp::kOff, at::kCPU);
  for (std::int64_t step = 0; step < 12; ++step) {
    two.set_gradients(step);
    optimizer.step(rates_of(step), scaler);
    optimizer.zero_grad();
    EXPECT_FALSE(two.weight.grad().defined());
  }
  const auto expected =
      at::tensor(reference().at("optimizers").at(name).get<std::vector<double>>(), at::kDouble);
  EXPECT_LT(worst_difference(two.values(), expected, 2e-6, 2e-7), 1);
}

TEST(Optimizer, AdamWIsPyTorchs) { expect_trajectory(OptimizerKind::kAdamW, 0, "adamw"); }
TEST(Optimizer, SgdWithNesterovIsPyTorchs) { expect_trajectory(OptimizerKind::kSgd, 0, "sgd"); }
TEST(Optimizer, ClippingIsPyTorchs) { expect_trajectory(OptimizerKind::kSgd, 0.5, "sgd_clipped"); }

TEST(Optimizer, BiasesDecayWhereAllDoes) {
  const WeightAndBias two;
  TrialConfig config = config_for(0);
  config.decay_all = true;
  Optimizer optimizer(OptimizerKind::kAdamW, config, two.named());
  LossScaler scaler(Amp::kOff, at::kCPU);
  const at::Tensor bias = two.bias.detach().clone();
  two.weight.mutable_grad() = at::full({3, 4}, 0.0);
  two.bias.mutable_grad() = at::full({3}, 0.0);
  optimizer.step({.lr = 0.1, .momentum = 0.9}, scaler);
  EXPECT_LT(worst_difference(two.bias, bias.mul(1 - 0.1 * 0.05), 1e-6, 1e-9), 1);
}

TEST(Optimizer, WeightsDecayAndBiasesDoNot) {
  const WeightAndBias two;
  Optimizer optimizer(OptimizerKind::kAdamW, config_for(0), two.named());
  LossScaler scaler(Amp::kOff, at::kCPU);
  const at::Tensor weight = two.weight.detach().clone(), bias = two.bias.detach().clone();
  two.weight.mutable_grad() = at::full({3, 4}, 0.0);
  two.bias.mutable_grad() = at::full({3}, 0.0);
  optimizer.step({.lr = 0.1, .momentum = 0.9}, scaler);
  EXPECT_LT(worst_difference(two.weight, weight.mul(1 - 0.1 * 0.05), 1e-6, 1e-9), 1);
  EXPECT_TRUE(at::equal(two.bias, bias));
}

// BatchNorm's biases stand beside weights of one dimension; others move as before.
TEST(Optimizer, BatchNormsBiasesMoveAtTheirOwnRate) {
  for (const auto kind : {OptimizerKind::kAdamW, OptimizerKind::kSgd, OptimizerKind::kMuon}) {
    const auto named = [] {
      return NamedTensors{{"0.weight", noise(1, {3, 4}, -1, 1).set_requires_grad(true)},
                          {"0.bias", noise(2, {3}, -1, 1).set_requires_grad(true)},
                          {"1.bn.weight", noise(3, {3}, -1, 1).set_requires_grad(true)},
                          {"1.bn.bias", noise(4, {3}, -1, 1).set_requires_grad(true)}};
    };
    const NamedTensors fast = named(), slow = named(), plain = named();
    TrialConfig config = config_for(0);
    Optimizer by_one(kind, config, plain), by_eight(kind, config, slow);
    config.bn_bias_lr_factor = 8;
    Optimizer optimizer(kind, config, fast);
    EXPECT_EQ(optimizer.state().size(), by_one.state().size());
    LossScaler scaler(Amp::kOff, at::kCPU);
    for (std::int64_t step = 0; step < 3; ++step) {
      for (std::size_t i = 0; i < fast.size(); ++i) {
        for (const NamedTensors* const set : {&fast, &slow, &plain})
          (*set)[i].tensor.mutable_grad() =
              noise(10 * (step + 1) + static_cast<std::int64_t>(i), fast[i].tensor.sizes(), -1, 1);
      }
      optimizer.step({.lr = 0.01, .momentum = 0.9}, scaler);
      by_one.step({.lr = 0.01, .momentum = 0.9}, scaler);
      by_eight.step({.lr = 0.08, .momentum = 0.9}, scaler);
    }
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_TRUE(at::equal(fast[i].tensor, plain[i].tensor)) << fast[i].name;
    EXPECT_TRUE(at::equal(fast[3].tensor, slow[3].tensor));
  }
}

TEST(Optimizer, StateTakenOverGoesOnBitForBit) {
  for (const auto kind : {OptimizerKind::kAdamW, OptimizerKind::kSgd}) {
    const WeightAndBias straight, resumed;
    LossScaler scaler(Amp::kOff, at::kCPU);
    Optimizer first(kind, config_for(0), straight.named());
    for (std::int64_t step = 0; step < 3; ++step) {
      straight.set_gradients(step);
      first.step(rates_of(step), scaler);
    }
    Optimizer second(kind, config_for(0), resumed.named());
    ASSERT_TRUE(copy_state(straight.named(), resumed.named()));
    ASSERT_TRUE(copy_state(first.state(), second.state()));
    for (std::int64_t step = 3; step < 6; ++step) {
      straight.set_gradients(step);
      resumed.set_gradients(step);
      first.step(rates_of(step), scaler);
      second.step(rates_of(step), scaler);
    }
    EXPECT_TRUE(at::equal(straight.values(), resumed.values()));
  }
}

TEST(Optimizer, ANonFiniteGradientUnderScalingIsASkippedStep) {
  for (const auto kind : {OptimizerKind::kAdamW, OptimizerKind::kSgd}) {
    const WeightAndBias skipping, plain;
    Optimizer optimizer(kind, config_for(0), skipping.named()),
        expected(kind, config_for(0), plain.named());
    LossScaler scaler(Amp::kFp16, at::kCPU), off(Amp::kOff, at::kCPU);
    const at::Tensor before = skipping.values().clone();
    skipping.set_gradients(0);
    skipping.weight.mutable_grad()[1][1] = std::numeric_limits<float>::infinity();
    optimizer.step(rates_of(0), scaler);
    EXPECT_TRUE(at::equal(skipping.values(), before));

    // The next one is the first: the scale has halved, and AdamW's step counter did not move.
    skipping.set_gradients(1);
    const at::Tensor one = at::full({}, 1.0F);
    const double scale = scaler.scaled(one).item<double>();
    EXPECT_EQ(scale, 32768);
    skipping.weight.mutable_grad().mul_(scale);
    skipping.bias.mutable_grad().mul_(scale);
    optimizer.step(rates_of(1), scaler);
    plain.set_gradients(1);
    expected.step(rates_of(1), off);
    EXPECT_LT(worst_difference(skipping.values(), plain.values(), 1e-6, 1e-8), 1);
  }
}

TEST(ClipGradients, LeavesSmallOnesAlone) {
  const std::vector<at::Tensor> gradients = {at::full({2}, 0.3), at::full({1}, 0.4)};
  clip_gradients(gradients, 10);
  EXPECT_FLOAT_EQ(gradients[0][0].item<float>(), 0.3F);
  clip_gradients(gradients, 0.1);
  EXPECT_NEAR(std::hypot(gradients[0][0].item<double>(), gradients[0][1].item<double>(),
                         gradients[1][0].item<double>()),
              0.1, 1e-5);
}

// After n updates from a constant source: average = source + decay^n · (start - source).
TEST(WeightAverage, FollowsItsClosedForm) {
  const ResolvedArchitecture file = shipped_architecture("v2", 10);
  const Model source(file, 1, at::kCPU);
  WeightAverage average(source, Model(file, 0, at::kCPU), 0.9);
  const auto first_of = [](const Model& model) { return model.state().front().tensor; };
  EXPECT_TRUE(at::equal(first_of(average.model()), first_of(source)));

  const at::Tensor start = first_of(source).detach().clone();
  const at::Tensor start_mean = source.buffers()[0].tensor.clone();
  {
    const at::NoGradGuard no_grad;
    first_of(source).add_(1);
    source.buffers()[0].tensor.add_(2);
  }
  for (int i = 0; i < 5; ++i) average.update();
  const double kept = std::pow(0.9, 5);
  EXPECT_LT(worst_difference(first_of(average.model()), start.add(1 - kept), 1e-5, 1e-6), 1);
  EXPECT_LT(worst_difference(average.model().buffers()[0].tensor, start_mean.add(2 * (1 - kept)),
                             1e-5, 1e-6),
            1);
}

TEST(Optimizer, UnknownNameIsRefusedWithANearMiss) {
  const auto found = find_optimizer("adamv");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().where, "optimizer");
  EXPECT_NE(found.error().hint.find("adamw"), std::string::npos);
}

}  // namespace
}  // namespace firesweep
