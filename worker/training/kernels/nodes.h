// The layers of a model as objects that run: one class a kind of layer. They share their tensors
// with the model that made them. Internal to model.cpp. One thread at a time.
#pragma once

#include <ATen/ops/add.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/silu.h>

#include <cassert>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "shared/domain/layers.h"
#include "worker/training/kernels/cast_weights.h"
#include "worker/training/kernels/dropout.h"
#include "worker/training/kernels/norm_relu.h"
#include "worker/training/kernels/winograd.h"
#include "worker/training/model.h"

namespace firesweep {

class Node {
 public:
  virtual ~Node() = default;
  virtual at::Tensor forward(at::Tensor x, bool training) const = 0;
};

using Nodes = std::vector<std::unique_ptr<Node>>;

inline at::Tensor run(const Nodes& nodes, at::Tensor x, bool training) {
  for (const auto& node : nodes) x = node->forward(std::move(x), training);
  return x;
}

// A layer's weight and bias among the model's.
class Weights {
 public:
  // `bias` undefined where the layer has none.
  Weights(std::shared_ptr<CastWeights> all, at::Tensor weight, at::Tensor bias)
      : all_(std::move(all)), weight_(all_->add(std::move(weight))) {
    if (bias.defined()) bias_ = all_->add(std::move(bias));
  }

  const at::Tensor& weight() const { return all_->at(weight_); }
  at::Tensor bias() const { return bias_ ? all_->at(*bias_) : at::Tensor(); }

 private:
  std::shared_ptr<CastWeights> all_;
  std::size_t weight_;
  std::optional<std::size_t> bias_;
};

class ConvNode final : public Node {
 public:
  ConvNode(const Conv& conv, Weights weights) : conv_(conv), weights_(std::move(weights)) {}

  at::Tensor forward(at::Tensor x, bool) const override {
    const at::Tensor& weight = weights_.weight();
    const at::Tensor bias = weights_.bias();
    if (conv_.stride == 1 && conv_.padding == 1 && conv_.groups == 1 && winograd_pays(x, weight))
      return winograd_conv(x, weight, bias);
    return at::conv2d(x, weight, bias, conv_.stride, conv_.padding, 1, conv_.groups);
  }

 private:
  Conv conv_;
  Weights weights_;
};

class BatchNormNode final : public Node {
 public:
  explicit BatchNormNode(Norm norm) : norm_(std::move(norm)) {}

  at::Tensor forward(at::Tensor x, bool training) const override {
    return at::batch_norm(x, norm_.weight, norm_.bias, norm_.running_mean, norm_.running_var,
                          training, norm_.momentum, kBatchNormEpsilon, true);
  }

 private:
  Norm norm_;
};

// Branches on one input, each ending in BatchNorm and ReLU, joined along the channels. One branch
// of no other layers is BatchNorm and ReLU alone.
class NormReluNode final : public Node {
 public:
  NormReluNode(std::vector<Nodes> before, std::vector<Norm> norms)
      : before_(std::move(before)), norms_(std::move(norms)) {}

  at::Tensor forward(at::Tensor x, bool training) const override {
    std::vector<at::Tensor> inputs;
    inputs.reserve(before_.size());
    for (const Nodes& branch : before_) inputs.push_back(run(branch, x, training));
    return norm_relu(inputs, norms_, training);
  }

 private:
  std::vector<Nodes> before_;
  std::vector<Norm> norms_;
};

class ActivationNode final : public Node {
 public:
  ActivationNode(ActivationKind kind, bool in_place) : kind_(kind), in_place_(in_place) {}

  at::Tensor forward(at::Tensor x, bool) const override {
    switch (kind_) {
      case ActivationKind::kRelu:
        return in_place_ ? x.relu_() : x.relu();
      case ActivationKind::kRelu6:
        return in_place_ ? at::hardtanh_(x, 0, 6) : at::hardtanh(x, 0, 6);
      case ActivationKind::kSilu:
        return at::silu(x);  // its backward pass reads the input
    }
    assert(false);
    return x;
  }

 private:
  ActivationKind kind_;
  bool in_place_;
};

class PoolNode final : public Node {
 public:
  explicit PoolNode(const Pool& pool) : pool_(pool) {}

  at::Tensor forward(at::Tensor x, bool) const override {
    return pool_.max ? at::max_pool2d(x, pool_.kernel, pool_.stride, pool_.padding)
                     : at::avg_pool2d(x, pool_.kernel, pool_.stride, pool_.padding);
  }

 private:
  Pool pool_;
};

class GlobalAvgPoolNode final : public Node {
 public:
  explicit GlobalAvgPoolNode(bool flat) : flat_(flat) {}

  at::Tensor forward(at::Tensor x, bool) const override {
    return x.mean({2, 3}, /*keepdim=*/!flat_);
  }

 private:
  bool flat_;
};

class FlattenNode final : public Node {
 public:
  at::Tensor forward(at::Tensor x, bool) const override { return x.flatten(1); }
};

class DropoutNode final : public Node {
 public:
  explicit DropoutNode(double p) : p_(p) {}

  at::Tensor forward(at::Tensor x, bool training) const override {
    return training && p_ > 0 ? dropout(x, p_) : x;
  }

 private:
  double p_;
};

class LinearNode final : public Node {
 public:
  explicit LinearNode(Weights weights) : weights_(std::move(weights)) {}

  at::Tensor forward(at::Tensor x, bool) const override {
    return at::linear(x.flatten(1), weights_.weight(), weights_.bias());
  }

 private:
  Weights weights_;
};

class ResidualNode final : public Node {
 public:
  ResidualNode(Nodes body, Nodes shortcut, bool post_relu)
      : body_(std::move(body)), shortcut_(std::move(shortcut)), post_relu_(post_relu) {}

  at::Tensor forward(at::Tensor x, bool training) const override {
    at::Tensor sum = at::add(run(body_, x, training), run(shortcut_, x, training));
    return post_relu_ ? sum.relu_() : sum;
  }

 private:
  Nodes body_, shortcut_;
  bool post_relu_;
};

class ConcatNode final : public Node {
 public:
  explicit ConcatNode(std::vector<Nodes> branches) : branches_(std::move(branches)) {}

  at::Tensor forward(at::Tensor x, bool training) const override {
    std::vector<at::Tensor> parts;
    parts.reserve(branches_.size());
    for (const Nodes& branch : branches_) parts.push_back(run(branch, x, training));
    return at::cat(parts, 1);
  }

 private:
  std::vector<Nodes> branches_;
};

class SequenceNode final : public Node {
 public:
  explicit SequenceNode(Nodes nodes) : nodes_(std::move(nodes)) {}

  at::Tensor forward(at::Tensor x, bool training) const override {
    return run(nodes_, std::move(x), training);
  }

 private:
  Nodes nodes_;
};

}  // namespace firesweep
