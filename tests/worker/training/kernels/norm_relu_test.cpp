#include "worker/training/kernels/norm_relu.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/zeros.h>
#include <c10/core/StreamGuard.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>

#include "tests/worker/training/closed_form.h"
#include "tests/worker/training/kernels/host_kernels.h"
#include "worker/training/device.h"

namespace firesweep {
namespace {

constexpr double kRtol = 1e-4;
constexpr double kAtol = 1e-5;

// Everything a step of training leaves behind.
struct LayerOutputs {
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

at::Tensor kernels_on_host(const std::vector<at::Tensor>& inputs, const std::vector<Norm>& norms) {
  static HostKernels runner;
  EXPECT_TRUE(can_join(inputs, norms));
  return norm_relu_joined(runner, inputs, norms);
}

struct RunOptions {
  at::Device device = at::kCPU;
  at::ScalarType type = at::kFloat;
  std::int64_t images = 6, height = 5, width = 7;
};

// Inputs of these channels with mean `mean`, the same for every call.
LayerOutputs run(Layers layers, const std::vector<std::int64_t>& channels, double mean = 0.3,
                 double momentum = kBatchNormMomentum, const RunOptions& options = {}) {
  const auto there = [&](const at::Tensor& tensor) { return tensor.to(options.device); };
  std::vector<at::Tensor> inputs;
  std::vector<Norm> norms;
  std::int64_t all = 0;
  for (const std::int64_t c : channels) {
    const auto key = static_cast<std::int64_t>(8 * inputs.size());
    inputs.push_back(
        there(noise(key, {options.images, c, options.height, options.width}, mean - 2, mean + 2))
            .to(options.type)
            .contiguous(at::MemoryFormat::ChannelsLast)
            .set_requires_grad(true));
    norms.push_back({there(noise(key + 1, {c}, 0.5, 1.5)).set_requires_grad(true),
                     there(noise(key + 2, {c}, -1, 1)).set_requires_grad(true),
                     there(noise(key + 3, {c}, -1, 1)), there(noise(key + 4, {c}, 0.5, 2)),
                     momentum, norm_counters(c, options.device)});
    all += c;
  }
  LayerOutputs seen;
  const at::Tensor out = layers(inputs, norms);
  out.mul(there(noise(99, {options.images, all, options.height, options.width}, -1, 1)))
      .sum()
      .backward();
  for (const Norm& norm : norms) EXPECT_FALSE(norm.counters.any().item<bool>());
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

void expect_same_bits(const LayerOutputs& a, const LayerOutputs& b) {
  EXPECT_TRUE(at::equal(a.out, b.out));
  for (std::size_t i = 0; i < a.inputs.size(); ++i) {
    EXPECT_TRUE(at::equal(a.inputs[i], b.inputs[i])) << "input " << i;
    EXPECT_TRUE(at::equal(a.weights[i], b.weights[i])) << "weight " << i;
    EXPECT_TRUE(at::equal(a.biases[i], b.biases[i])) << "bias " << i;
    EXPECT_TRUE(at::equal(a.vars[i], b.vars[i])) << "variance " << i;
  }
}

// `sums`: what the gradients of weights and biases may differ by.
void expect_near(const LayerOutputs& a, const LayerOutputs& b, double sums = kAtol) {
  EXPECT_LT(worst_difference(a.out, b.out, kRtol, kAtol), 1);
  for (std::size_t i = 0; i < a.inputs.size(); ++i) {
    EXPECT_LT(worst_difference(a.inputs[i], b.inputs[i], kRtol, kAtol), 1) << "input " << i;
    EXPECT_LT(worst_difference(a.weights[i], b.weights[i], kRtol, sums), 1) << "weight " << i;
    EXPECT_LT(worst_difference(a.biases[i], b.biases[i], kRtol, sums), 1) << "bias " << i;
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
  const LayerOutputs one = run(ours, {24, 8});
  at::set_num_threads(2);
  const LayerOutputs two = run(ours, {24, 8});
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

// The kernels for a GPU, run on the CPU.

TEST(NormReluKernels, AreBatchNormAndReluOfPyTorch) {
  for (const std::int64_t channels : {1, 12, 28, 96, 100, 512}) {
    SCOPED_TRACE(channels);
    expect_near(run(kernels_on_host, {channels}), run(torchs, {channels}));
  }
}

TEST(NormReluKernels, JoinBranchesAsConcatWould) {
  expect_near(run(kernels_on_host, {12, 132}), run(torchs, {12, 132}));
  expect_near(run(kernels_on_host, {3, 70, 64, 5}), run(torchs, {3, 70, 64, 5}));
}

TEST(NormReluKernels, TakeAFewRows) {
  for (const std::int64_t images : {2, 3, 5}) {
    SCOPED_TRACE(images);
    const RunOptions few = {.images = images, .height = 1, .width = 1};
    expect_near(run(kernels_on_host, {20}, 0.3, 0.1, few), run(torchs, {20}, 0.3, 0.1, few));
  }
}

TEST(NormReluKernels, OneRowIsItsOwnMean) {
  const LayerOutputs one =
      run(kernels_on_host, {8}, 0.3, 1.0, {.images = 1, .height = 1, .width = 1});
  EXPECT_LT(worst_difference(one.out.flatten(), noise(2, {8}, -1, 1).relu(), 0, 1e-3), 1);
  EXPECT_TRUE(at::equal(one.vars[0], at::zeros({8})));
}

TEST(NormReluKernels, MoveRunningStatisticsByTheMomentum) {
  for (const double momentum : {0.4, 1.0}) {
    expect_near(run(kernels_on_host, {12, 20}, 0.3, momentum),
                run(torchs, {12, 20}, 0.3, momentum));
  }
}

TEST(NormReluKernels, VarianceSurvivesALargeMean) {
  expect_near(run(kernels_on_host, {16}, /*mean=*/30), run(torchs, {16}, /*mean=*/30));
}

TEST(NormReluKernels, GiveTheSameBitsAgain) {
  expect_same_bits(run(kernels_on_host, {24, 68}), run(kernels_on_host, {24, 68}));
}

// Of the float kernels on the same bf16 inputs, rounded once.
TEST(NormReluKernels, RoundBf16Once) {
  const RunOptions bf16 = {.type = at::kBFloat16};
  for (const std::vector<std::int64_t>& channels : {std::vector<std::int64_t>{24, 72}, {5, 3}}) {
    const LayerOutputs seen = run(kernels_on_host, channels, 0.3, 0.1, bf16);
    const LayerOutputs expected = run(
        [](const std::vector<at::Tensor>& inputs, const std::vector<Norm>& norms) {
          std::vector<at::Tensor> wide;
          for (const at::Tensor& input : inputs) wide.push_back(input.to(at::kFloat));
          return torchs(wide, norms).to(at::kBFloat16);
        },
        channels, 0.3, 0.1, bf16);
    const auto near = [](const at::Tensor& a, const at::Tensor& b, double rtol, double atol) {
      EXPECT_LT(worst_difference(a.to(at::kFloat), b.to(at::kFloat), rtol, atol), 1);
    };
    near(seen.out, expected.out, 1e-2, 1e-5);
    for (std::size_t i = 0; i < channels.size(); ++i) {
      near(seen.inputs[i], expected.inputs[i], 1e-2, 1e-4);
      near(seen.weights[i], expected.weights[i], 1e-3, 1e-3);
      near(seen.biases[i], expected.biases[i], 1e-3, 1e-3);
      near(seen.vars[i], expected.vars[i], 1e-4, 1e-6);
    }
  }
}

TEST(NormReluKernels, NotANumberStaysVisible) {
  at::Tensor x = noise(1, {2, 4, 3, 3}, -2, 2).contiguous(at::MemoryFormat::ChannelsLast);
  x[0][1][1][0] = std::numeric_limits<float>::quiet_NaN();
  const Norm norm = {
      at::full({4}, 1.0),        at::full({4}, 0.0), at::full({4}, 0.0), at::full({4}, 1.0), 0.1,
      norm_counters(4, at::kCPU)};
  const at::Tensor out = kernels_on_host({x}, {norm});
  EXPECT_TRUE(at::isnan(out.select(1, 1)).all().item<bool>());
  EXPECT_TRUE(at::isnan(norm.running_var[1]).item<bool>());
  EXPECT_FALSE(at::isnan(out.select(1, 2)).any().item<bool>());
}

// The same on a GPU, there compiled for it.

class NormReluGpu : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto device = open_device("cuda:0");
    if (!device) GTEST_SKIP() << "needs a GPU";
    device_ = *device;
    EXPECT_TRUE(gpu_norm_relu_runner(device_).prepare({0, 4})) << "the warning above says why";
    stream_.emplace(training_stream(device_));
  }

  RunOptions options(at::ScalarType type, std::int64_t images = 6) const {
    return {device_, type, images, 5, 7};
  }

  static LayerOutputs on_cpu(LayerOutputs seen) {
    const auto move = [](at::Tensor& tensor) { tensor = tensor.to(at::kCPU, at::kFloat); };
    move(seen.out);
    for (auto* list : {&seen.inputs, &seen.weights, &seen.biases, &seen.means, &seen.vars})
      for (at::Tensor& tensor : *list) move(tensor);
    return seen;
  }

  at::Device device_ = at::kCPU;
  std::optional<c10::StreamGuard> stream_;
};

TEST_F(NormReluGpu, IsBatchNormAndReluOfPyTorch) {
  for (const std::vector<std::int64_t>& channels :
       {std::vector<std::int64_t>{1}, {12}, {28}, {96}, {100}, {512}, {12, 20}, {64, 192, 8}}) {
    for (const std::int64_t images : {2, 6, 40}) {
      SCOPED_TRACE(std::to_string(channels[0]) + " channels, images " + std::to_string(images));
      expect_near(on_cpu(run(ours, channels, 0.3, 0.1, options(at::kFloat, images))),
                  on_cpu(run(torchs, channels, 0.3, 0.1, options(at::kFloat, images))), 1e-4);
    }
  }
}

TEST_F(NormReluGpu, TakesHalfPrecision) {
  for (const at::ScalarType type : {at::kBFloat16, at::kHalf}) {
    for (const std::vector<std::int64_t>& channels :
         {std::vector<std::int64_t>{24, 72}, {12, 20}, {5, 3}}) {
      SCOPED_TRACE(std::string(c10::toString(type)) + " " + std::to_string(channels[0]));
      const LayerOutputs seen = on_cpu(run(ours, channels, 0.3, 0.1, options(type)));
      const LayerOutputs expected = on_cpu(run(torchs, channels, 0.3, 0.1, options(type)));
      EXPECT_LT(worst_difference(seen.out, expected.out, 1e-2, 1e-3), 1);
      for (std::size_t i = 0; i < channels.size(); ++i) {
        EXPECT_LT(worst_difference(seen.inputs[i], expected.inputs[i], 2e-2, 1e-2), 1);
        EXPECT_LT(worst_difference(seen.weights[i], expected.weights[i], 2e-2, 2e-2), 1);
        EXPECT_LT(worst_difference(seen.biases[i], expected.biases[i], 2e-2, 2e-2), 1);
        EXPECT_LT(worst_difference(seen.vars[i], expected.vars[i], 1e-3, 1e-5), 1);
      }
    }
  }
}

TEST_F(NormReluGpu, GivesTheSameBitsAgain) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    expect_same_bits(run(ours, {64, 192}, 0.3, 0.1, options(type, 200)),
                     run(ours, {64, 192}, 0.3, 0.1, options(type, 200)));
  }
}

}  // namespace
}  // namespace firesweep
