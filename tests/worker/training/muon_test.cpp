#include "worker/training/muon.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/diag_embed.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/worker/training/closed_form.h"
#include "worker/training/optim.h"

namespace firesweep {
namespace {

// Squares, wide and high ones, two of a shape, a depthwise one.
const std::vector<std::vector<std::int64_t>> kShapes = {
    {8, 6, 3, 3}, {32, 8, 1, 1}, {8, 6, 3, 3}, {12, 12, 1, 1}, {40, 1, 3, 3}, {5, 64, 1, 1}};

double polynomial(double s) { return 3.4445 * s - 4.7750 * s * s * s + 2.0315 * std::pow(s, 5); }

// One weight after the other in double precision, by the definition.
class Naive {
 public:
  explicit Naive(const NamedTensors& weights) {
    for (const NamedTensor& entry : weights) {
      weights_.push_back(entry.tensor.detach().to(at::kDouble).contiguous());
      momenta_.push_back(at::zeros_like(weights_.back()));
    }
  }

  void step(const std::vector<at::Tensor>& gradients, double rate, double momentum) {
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      const at::Tensor gradient = gradients[i].to(at::kDouble).contiguous();
      momenta_[i] = momenta_[i] * momentum + gradient;
      const at::Tensor direction =
          orthogonal((gradient + momenta_[i] * momentum).view({gradient.size(0), -1}));
      const double root = std::sqrt(static_cast<double>(gradient.size(0)));
      weights_[i] =
          weights_[i] * root / weights_[i].norm() - direction.reshape(weights_[i].sizes()) * rate;
    }
  }

  const at::Tensor& weight(std::size_t i) const { return weights_[i]; }

 private:
  static at::Tensor orthogonal(const at::Tensor& matrix) {
    const bool turned = matrix.size(0) > matrix.size(1);
    at::Tensor x = (turned ? matrix.t() : matrix) / matrix.norm();
    for (int i = 0; i < 3; ++i) {
      const at::Tensor square = at::matmul(x, x.t());
      x = x * 3.4445 + at::matmul(square * -4.7750 + at::matmul(square, square) * 2.0315, x);
    }
    return turned ? x.t() : x;
  }

  std::vector<at::Tensor> weights_, momenta_;
};

struct Weights {
  NamedTensors named;

  Weights() {
    for (std::size_t i = 0; i < kShapes.size(); ++i) {
      named.push_back(
          {"w" + std::to_string(i), noise(static_cast<std::int64_t>(i), kShapes[i], -1, 1)
                                        .contiguous(at::MemoryFormat::ChannelsLast)
                                        .set_requires_grad(true)});
    }
  }
  // As backward() would leave them, and one in another layout.
  void set_gradients(std::int64_t step) const {
    for (std::size_t i = 0; i < named.size(); ++i) {
      const at::Tensor made =
          noise(100 * (step + 1) + static_cast<std::int64_t>(i), kShapes[i], -0.01, 0.01);
      named[i].tensor.mutable_grad() =
          i == 2 ? made : made.contiguous(at::MemoryFormat::ChannelsLast);
    }
  }
};

std::vector<at::Tensor> gradients_of(const std::vector<at::Tensor>& weights) {
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& weight : weights) gradients.push_back(weight.grad());
  return gradients;
}

TEST(NewtonSchulz, MovesSingularValuesByItsPolynomialAndKeepsTheVectors) {
  const std::vector<double> values = {3, 1, 0.5, 0.01};
  const double norm = std::sqrt(9 + 1 + 0.25 + 0.0001);
  at::Tensor matrix = at::zeros_like(noise(0, {1, 4, 6}, 0, 1));
  for (std::int64_t i = 0; i < 4; ++i) matrix[0][i][i] = values[static_cast<std::size_t>(i)];
  const at::Tensor made = newton_schulz(matrix, at::kFloat);
  at::Tensor expected = at::zeros_like(matrix).to(at::kDouble);
  for (std::int64_t i = 0; i < 4; ++i)
    expected[0][i][i] =
        polynomial(polynomial(polynomial(values[static_cast<std::size_t>(i)] / norm)));
  EXPECT_LT(worst_difference(made, expected, 1e-4, 1e-6), 1);
  EXPECT_EQ(newton_schulz(matrix, at::kBFloat16).scalar_type(), at::kBFloat16);
}

TEST(NewtonSchulz, PaddingAndZerosStayZero) {
  at::Tensor padded = at::zeros_like(noise(0, {2, 5, 9}, 0, 1));
  const at::Tensor small = noise(7, {1, 3, 4}, -1, 1);
  padded.narrow(0, 0, 1).narrow(1, 0, 3).narrow(2, 0, 4).copy_(small);
  const at::Tensor made = newton_schulz(padded, at::kFloat);
  EXPECT_LT(worst_difference(made.narrow(0, 0, 1).narrow(1, 0, 3).narrow(2, 0, 4),
                             newton_schulz(small, at::kFloat), 1e-5, 1e-6),
            1);
  EXPECT_EQ(made.narrow(1, 3, 2).abs().max().item<float>(), 0);
  EXPECT_EQ(made.narrow(2, 4, 5).abs().max().item<float>(), 0);
  EXPECT_EQ(made[1].abs().max().item<float>(), 0);
}

TEST(Muon, EqualsTheNaivePerWeightVersionHoweverItIsBatched) {
  for (const double overhead : {0.0, 2e4, 1e12}) {
    const Weights ours;
    Naive naive(ours.named);
    Muon muon(ours.named, 0.9, at::kFloat, overhead);
    for (std::int64_t step = 0; step < 4; ++step) {
      ours.set_gradients(step);
      std::vector<at::Tensor> in_their_order;
      for (const NamedTensor& entry : ours.named) in_their_order.push_back(entry.tensor.grad());
      naive.step(in_their_order, 0.05, 0.9);
      muon.prepare(gradients_of(muon.weights()), std::nullopt);
      muon.apply(0.05);
    }
    for (std::size_t i = 0; i < kShapes.size(); ++i)
      EXPECT_LT(worst_difference(ours.named[i].tensor, naive.weight(i), 1e-4, 1e-5), 1)
          << i << " with " << overhead;
  }
}

TEST(Muon, InBf16IsNearTheNaiveVersion) {
  const Weights ours;
  Naive naive(ours.named);
  Muon muon(ours.named, 0.9, at::kBFloat16, 2e4);
  ours.set_gradients(0);
  std::vector<at::Tensor> in_their_order;
  for (const NamedTensor& entry : ours.named) in_their_order.push_back(entry.tensor.grad());
  naive.step(in_their_order, 1, 0.9);
  muon.prepare(gradients_of(muon.weights()), std::nullopt);
  muon.apply(1);
  for (std::size_t i = 0; i < kShapes.size(); ++i)
    EXPECT_LT(worst_difference(ours.named[i].tensor, naive.weight(i), 0, 0.05), 1) << i;
}

TEST(MuonBatches, AreOneOfAllWhereABatchIsDearAndOneAShapeWhereItIsFree) {
  std::vector<MuonShape> shapes;
  for (const auto& s : kShapes) shapes.push_back({s[0], s[1] * s[2] * s[3]});
  EXPECT_EQ(muon_batches(shapes, 1e12).ends, (std::vector<std::size_t>{6}));
  const MuonBatches apart = muon_batches(shapes, 0);
  EXPECT_EQ(apart.ends.size(), 5U);
  std::vector<bool> seen(shapes.size());
  for (const std::size_t i : apart.order) seen[i] = true;
  EXPECT_EQ(seen, std::vector<bool>(shapes.size(), true));
}

// A stem, two convolutions and a linear layer with their biases, as a model gives them.
struct Net {
  NamedTensors named;

  Net() {
    const std::vector<std::vector<std::int64_t>> shapes = {{4, 3, 3, 3}, {4},     {6, 4, 3, 3}, {6},
                                                           {6, 6, 1, 1}, {10, 6}, {10}};
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      at::Tensor value = noise(30 + static_cast<std::int64_t>(i), shapes[i], -1, 1);
      if (value.dim() == 4) value = value.contiguous(at::MemoryFormat::ChannelsLast);
      named.push_back({std::to_string(i), value.set_requires_grad(true)});
    }
  }
  void set_gradients(std::int64_t step, double scale = 1) const {
    for (std::size_t i = 0; i < named.size(); ++i) {
      at::Tensor gradient =
          noise(100 * (step + 1) + static_cast<std::int64_t>(i), named[i].tensor.sizes(), -1, 1);
      if (gradient.dim() == 4) gradient = gradient.contiguous(at::MemoryFormat::ChannelsLast);
      named[i].tensor.mutable_grad() = gradient.mul_(scale);
    }
  }
  bool equals(const Net& other) const {
    for (std::size_t i = 0; i < named.size(); ++i)
      if (!at::equal(named[i].tensor, other.named[i].tensor)) return false;
    return true;
  }
};

TrialConfig muon_config() {
  TrialConfig config;
  config.optimizer = "muon";
  config.lr = 0.03;
  config.sgd_lr = 0.12;
  config.weight_decay = 0.01;
  config.amp = "off";
  return config;
}

TEST(MuonOptimizer, TakesTheConvolutionsButTheFirstAndLeavesTheRestToSgdAtItsOwnRate) {
  const Net ours, sgd;
  Naive naive({ours.named[2], ours.named[4]});
  Optimizer optimizer(OptimizerKind::kMuon, muon_config(), ours.named);
  Optimizer plain(OptimizerKind::kSgd, muon_config(), sgd.named);
  LossScaler scaler(Amp::kOff, at::kCPU);
  for (std::int64_t step = 0; step < 3; ++step) {
    ours.set_gradients(step);
    sgd.set_gradients(step);
    naive.step({ours.named[2].tensor.grad(), ours.named[4].tensor.grad()}, 0.015, 0.9);
    optimizer.step({.lr = 0.015, .momentum = 0.9}, scaler);  // half way up: so is SGD's
    plain.step({.lr = 0.06, .momentum = 0.9}, scaler);
    optimizer.zero_grad();
    EXPECT_FALSE(ours.named[2].tensor.grad().defined());
  }
  for (const std::size_t i : {0, 1, 3, 5, 6})
    EXPECT_TRUE(at::equal(ours.named[i].tensor, sgd.named[i].tensor)) << i;
  EXPECT_LT(worst_difference(ours.named[2].tensor, naive.weight(0), 1e-4, 1e-5), 1);
  EXPECT_LT(worst_difference(ours.named[4].tensor, naive.weight(1), 1e-4, 1e-5), 1);
}

TEST(MuonOptimizer, StateTakenOverGoesOnBitForBit) {
  const Net straight, resumed;
  LossScaler scaler(Amp::kOff, at::kCPU);
  Optimizer first(OptimizerKind::kMuon, muon_config(), straight.named);
  const Rates rates{.lr = 0.02, .momentum = 0.9};
  for (std::int64_t step = 0; step < 3; ++step) {
    straight.set_gradients(step);
    first.step(rates, scaler);
  }
  Optimizer second(OptimizerKind::kMuon, muon_config(), resumed.named);
  ASSERT_TRUE(copy_state(straight.named, resumed.named));
  ASSERT_TRUE(copy_state(first.state(), second.state()));
  EXPECT_EQ(second.state().size(), resumed.named.size());
  for (std::int64_t step = 3; step < 6; ++step) {
    straight.set_gradients(step);
    resumed.set_gradients(step);
    first.step(rates, scaler);
    second.step(rates, scaler);
  }
  EXPECT_TRUE(straight.equals(resumed));
}

TEST(MuonOptimizer, ANonFiniteGradientUnderScalingIsASkippedStep) {
  const Net skipping, plain, before;
  Optimizer optimizer(OptimizerKind::kMuon, muon_config(), skipping.named),
      expected(OptimizerKind::kMuon, muon_config(), plain.named);
  LossScaler scaler(Amp::kFp16, at::kCPU), off(Amp::kOff, at::kCPU);
  const Rates rates{.lr = 0.02, .momentum = 0.9};
  skipping.set_gradients(0);
  skipping.named[0].tensor.mutable_grad()[1][1][0][0] = std::numeric_limits<float>::infinity();
  skipping.named[4].tensor.mutable_grad()[1][1][0][0] = std::numeric_limits<float>::quiet_NaN();
  optimizer.step(rates, scaler);
  EXPECT_TRUE(skipping.equals(before));

  const double scale = scaler.scaled(at::full({}, 1.0F)).item<double>();
  EXPECT_EQ(scale, 32768);
  skipping.set_gradients(1, scale);
  optimizer.step(rates, scaler);
  plain.set_gradients(1);
  expected.step(rates, off);
  for (std::size_t i = 0; i < plain.named.size(); ++i)
    EXPECT_LT(worst_difference(skipping.named[i].tensor, plain.named[i].tensor, 1e-5, 1e-6), 1)
        << i;
}

TEST(MuonOptimizer, ClipsItsGradientsWithAllOthers) {
  const Net ours;
  TrialConfig config = muon_config();
  config.grad_clip = 0.5;
  Optimizer optimizer(OptimizerKind::kMuon, config, ours.named);
  LossScaler scaler(Amp::kOff, at::kCPU);
  ours.set_gradients(0);
  optimizer.step({.lr = 0.02, .momentum = 0.9}, scaler);
  double squares = 0;
  for (const NamedTensor& entry : ours.named)
    squares += std::pow(entry.tensor.grad().norm().item<double>(), 2);
  EXPECT_NEAR(std::sqrt(squares), 0.5, 1e-5);
}

}  // namespace
}  // namespace firesweep
