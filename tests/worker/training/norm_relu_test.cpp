#include "worker/training/norm_relu.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isnan.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/worker/training/closed_form.h"

namespace firesweep {
namespace {

constexpr double kRtol = 1e-4;
constexpr double kAtol = 1e-5;

// Everything a step of training leaves behind.
struct Seen {
  at::Tensor out;
  std::vector<at::Tensor> inputs, weights, biases;  // their gradients
  std::vector<at::Tensor> means, vars;
};

using Layers = at::Tensor (*)(const std::vector<at::Tensor>&, const std::vector<Norm>&);

at::Tensor ours(const std::vector<at::Tensor>& inputs, const std::vector<Norm>& norms) {
  return norm_relu(inputs, norms, /*training=*/true);
}

at::Tensor torchs(const std::vector<at::Tensor>& inputs, const std::vector<Norm>& norms) {
  std::vector<at::Tensor> parts;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    parts.push_back(at::batch_norm(inputs[i], norms[i].weight, norms[i].bias, norms[i].running_mean,
                                   norms[i].running_var, true, norms[i].momentum, 1e-5, false)
                        .relu());
  }
  return at::cat(parts, 1);
}

// Inputs of these channels with mean `mean`, the same for every call.
Seen run(Layers layers, const std::vector<std::int64_t>& channels, double mean = 0.3,
         double momentum = kBatchNormMomentum) {
  std::vector<at::Tensor> inputs;
  std::vector<Norm> norms;
  std::int64_t all = 0;
  for (const std::int64_t c : channels) {
    const auto key = static_cast<std::int64_t>(8 * inputs.size());
    inputs.push_back(noise(key, {6, c, 5, 7}, mean - 2, mean + 2)
                         .contiguous(at::MemoryFormat::ChannelsLast)
                         .set_requires_grad(true));
    norms.push_back({noise(key + 1, {c}, 0.5, 1.5).set_requires_grad(true),
                     noise(key + 2, {c}, -1, 1).set_requires_grad(true), noise(key + 3, {c}, -1, 1),
                     noise(key + 4, {c}, 0.5, 2), momentum});
    all += c;
  }
  Seen seen;
  const at::Tensor out = layers(inputs, norms);
  out.mul(noise(99, {6, all, 5, 7}, -1, 1)).sum().backward();
  seen.out = out.detach();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    seen.inputs.push_back(inputs[i].grad());
    seen.weights.push_back(norms[i].weight.grad());
    seen.biases.push_back(norms[i].bias.grad());
    seen.means.push_back(norms[i].running_mean);
    seen.vars.push_back(norms[i].running_var);
  }
  return seen;
}

void expect_near(const Seen& a, const Seen& b) {
  EXPECT_LT(worst_difference(a.out, b.out, kRtol, kAtol), 1);
  for (std::size_t i = 0; i < a.inputs.size(); ++i) {
    EXPECT_LT(worst_difference(a.inputs[i], b.inputs[i], kRtol, kAtol), 1) << "input " << i;
    EXPECT_LT(worst_difference(a.weights[i], b.weights[i], kRtol, kAtol), 1) << "weight " << i;
    EXPECT_LT(worst_difference(a.biases[i], b.biases[i], kRtol, kAtol), 1) << "bias " << i;
    EXPECT_LT(worst_difference(a.means[i], b.means[i], kRtol, 1e-6), 1) << "mean " << i;
    EXPECT_LT(worst_difference(a.vars[i], b.vars[i], kRtol, 1e-6), 1) << "variance " << i;
  }
}

TEST(NormRelu, IsBatchNormAndReluOfPyTorch) {
  for (const std::int64_t channels : {1, 8, 12, 33, 96}) {
    SCOPED_TRACE(channels);
    expect_near(run(ours, {channels}), run(torchs, {channels}));
  }
}

TEST(NormRelu, JoinsBranchesAsConcatWould) {
  expect_near(run(ours, {12, 20}), run(torchs, {12, 20}));
}

TEST(NormRelu, RunningStatisticsMoveByTheMomentum) {
  for (const double momentum : {0.4, 1.0})
    expect_near(run(ours, {12, 20}, 0.3, momentum), run(torchs, {12, 20}, 0.3, momentum));
}

// Squares of numbers far from zero would cancel in single precision.
TEST(NormRelu, VarianceSurvivesALargeMean) {
  expect_near(run(ours, {16}, /*mean=*/30), run(torchs, {16}, /*mean=*/30));
}

TEST(NormRelu, BitsDoNotDependOnTheThreads) {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const Seen one = run(ours, {24, 8});
  at::set_num_threads(2);
  const Seen two = run(ours, {24, 8});
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(one.out, two.out));
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(at::equal(one.inputs[i], two.inputs[i]));
    EXPECT_TRUE(at::equal(one.weights[i], two.weights[i]));
    EXPECT_TRUE(at::equal(one.vars[i], two.vars[i]));
  }
}

TEST(NormRelu, EvaluationUsesTheRunningStatistics) {
  const at::NoGradGuard no_grad;
  const at::Tensor x = noise(1, {4, 10, 3, 3}, -2, 2).contiguous(at::MemoryFormat::ChannelsLast);
  const Norm norm = {noise(2, {10}, 0.5, 1.5), noise(3, {10}, -1, 1), noise(4, {10}, -1, 1),
                     noise(5, {10}, 0.5, 2)};
  const at::Tensor before = norm.running_mean.clone();
  const at::Tensor expected = at::batch_norm(x, norm.weight, norm.bias, norm.running_mean,
                                             norm.running_var, false, 0.1, 1e-5, false)
                                  .relu();
  EXPECT_LT(worst_difference(norm_relu({x}, {norm}, false), expected, kRtol, 1e-6), 1);
  EXPECT_TRUE(at::equal(norm.running_mean, before));
}

TEST(NormRelu, NotANumberStaysVisible) {
  at::Tensor x = noise(1, {2, 4, 3, 3}, -2, 2).contiguous(at::MemoryFormat::ChannelsLast);
  x[0][1][0][0] = std::numeric_limits<float>::quiet_NaN();
  const Norm norm = {at::full({4}, 1.0), at::full({4}, 0.0), at::full({4}, 0.0),
                     at::full({4}, 1.0)};
  const at::NoGradGuard no_grad;
  const at::Tensor out = norm_relu({x}, {norm}, true);
  EXPECT_TRUE(at::isnan(out.select(1, 1)).all().item<bool>());
  EXPECT_FALSE(at::isnan(out.select(1, 2)).any().item<bool>());
}

}  // namespace
}  // namespace firesweep
