#include "worker/training/model.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/add.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/zeros.h>

#include <cassert>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "worker/training/random.h"

namespace firesweep {

// Threads: as Model.
class Node {
 public:
  virtual ~Node() = default;
  virtual at::Tensor forward(at::Tensor x, bool training) const = 0;
};

namespace {

using Nodes = std::vector<std::unique_ptr<Node>>;

constexpr double kBatchNormMomentum = 0.1;
constexpr double kBatchNormEpsilon = 1e-5;

at::Tensor run(const Nodes& nodes, at::Tensor x, bool training) {
  for (const auto& node : nodes) x = node->forward(std::move(x), training);
  return x;
}

class ConvNode final : public Node {
 public:
  ConvNode(const Conv& conv, at::Tensor weight, at::Tensor bias)
      : conv_(conv), weight_(std::move(weight)), bias_(std::move(bias)) {}

  at::Tensor forward(at::Tensor x, bool) const override {
    return at::conv2d(x, weight_, bias_, conv_.stride, conv_.padding, 1, conv_.groups);
  }

 private:
  Conv conv_;
  at::Tensor weight_, bias_;  // bias undefined where the convolution has none
};

class BatchNormNode final : public Node {
 public:
  BatchNormNode(at::Tensor weight, at::Tensor bias, at::Tensor mean, at::Tensor var)
      : weight_(std::move(weight)),
        bias_(std::move(bias)),
        mean_(std::move(mean)),
        var_(std::move(var)) {}

  at::Tensor forward(at::Tensor x, bool training) const override {
    return at::batch_norm(x, weight_, bias_, mean_, var_, training, kBatchNormMomentum,
                          kBatchNormEpsilon, true);
  }

 private:
  at::Tensor weight_, bias_, mean_, var_;
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
    return training && p_ > 0 ? at::dropout(x, p_, true) : x;
  }

 private:
  double p_;
};

class LinearNode final : public Node {
 public:
  LinearNode(at::Tensor weight, at::Tensor bias)
      : weight_(std::move(weight)), bias_(std::move(bias)) {}

  at::Tensor forward(at::Tensor x, bool) const override {
    return at::linear(x.flatten(1), weight_, bias_);
  }

 private:
  at::Tensor weight_, bias_;
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

// Whether a layer's output is a tensor of its own that neither another layer nor its own backward
// pass reads, so that what follows may overwrite it.
bool may_overwrite_output(const Layer& layer) {
  struct Judge {
    bool operator()(const Conv&) const { return true; }
    bool operator()(const BatchNorm&) const { return true; }
    bool operator()(const Linear&) const { return true; }
    bool operator()(const Concat& concat) const { return concat.branches.size() > 1; }
    bool operator()(const Residual& residual) const { return !residual.post_relu; }
    bool operator()(const Sequence& sequence) const {
      return !sequence.layers.empty() && may_overwrite_output(sequence.layers.back());
    }
    bool operator()(const Activation&) const { return false; }
    bool operator()(const Pool&) const { return false; }
    bool operator()(const GlobalAvgPool&) const { return false; }
    bool operator()(const Flatten&) const { return false; }
    bool operator()(const Dropout&) const { return false; }
  };
  return std::visit(Judge{}, layer.op);
}

// Walks the layers once, in the file's order, making nodes and their tensors. One build, one
// thread.
class Builder {
 public:
  Builder(std::uint64_t seed, at::Device device, NamedTensors& parameters, NamedTensors& buffers)
      : generator_(at::detail::createCPUGenerator(draw_seed(seed, Purpose::kWeights, 0, 0))),
        device_(device),
        parameters_(parameters),
        buffers_(buffers) {}

  Nodes build(const Layers& layers, const std::string& prefix) {
    Nodes nodes;
    nodes.reserve(layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
      layer_ = &layers[i];
      in_place_ = i > 0 && may_overwrite_output(layers[i - 1]);
      path_ = prefix + layers[i].name;
      nodes.push_back(std::visit(*this, layers[i].op));
    }
    return nodes;
  }

  std::unique_ptr<Node> operator()(const Conv& conv) {
    const std::int64_t fan_in = conv.in / conv.groups * conv.kernel * conv.kernel;
    at::Tensor weight =
        uniform("weight", {conv.out, conv.in / conv.groups, conv.kernel, conv.kernel}, fan_in);
    at::Tensor bias = conv.bias ? uniform("bias", {conv.out}, fan_in) : at::Tensor();
    return std::make_unique<ConvNode>(conv, std::move(weight), std::move(bias));
  }
  std::unique_ptr<Node> operator()(const BatchNorm& norm) {
    at::Tensor weight = parameter("weight", at::ones({norm.channels}));
    at::Tensor bias = parameter("bias", at::zeros({norm.channels}));
    at::Tensor mean = buffer("running_mean", at::zeros({norm.channels}));
    at::Tensor var = buffer("running_var", at::ones({norm.channels}));
    return std::make_unique<BatchNormNode>(std::move(weight), std::move(bias), std::move(mean),
                                           std::move(var));
  }
  std::unique_ptr<Node> operator()(const Linear& linear) {
    at::Tensor weight = uniform("weight", {linear.out, linear.in}, linear.in);
    at::Tensor bias = uniform("bias", {linear.out}, linear.in);
    return std::make_unique<LinearNode>(std::move(weight), std::move(bias));
  }
  std::unique_ptr<Node> operator()(const Activation& activation) {
    return std::make_unique<ActivationNode>(activation.kind, in_place_);
  }
  std::unique_ptr<Node> operator()(const Pool& pool) { return std::make_unique<PoolNode>(pool); }
  std::unique_ptr<Node> operator()(const GlobalAvgPool&) {
    return std::make_unique<GlobalAvgPoolNode>(layer_->output.flat());
  }
  std::unique_ptr<Node> operator()(const Flatten&) { return std::make_unique<FlattenNode>(); }
  std::unique_ptr<Node> operator()(const Dropout& dropout) {
    return std::make_unique<DropoutNode>(dropout.p);
  }
  std::unique_ptr<Node> operator()(const Residual& residual) {
    const std::string path = path_;
    Nodes body = build(residual.body, path + ".body.");
    Nodes shortcut = build(residual.shortcut, path + ".shortcut.");
    return std::make_unique<ResidualNode>(std::move(body), std::move(shortcut), residual.post_relu);
  }
  std::unique_ptr<Node> operator()(const Concat& concat) {
    const std::string path = path_;
    std::vector<Nodes> branches;
    for (std::size_t i = 0; i < concat.branches.size(); ++i)
      branches.push_back(build(concat.branches[i], path + "." + std::to_string(i) + "."));
    return std::make_unique<ConcatNode>(std::move(branches));
  }
  std::unique_ptr<Node> operator()(const Sequence& sequence) {
    const std::string path = path_;
    return std::make_unique<SequenceNode>(build(sequence.layers, path + "."));
  }

 private:
  at::Tensor uniform(const char* name, at::IntArrayRef sizes, std::int64_t fan_in) {
    const double bound = 1.0 / std::sqrt(static_cast<double>(fan_in));
    return parameter(name, at::empty(sizes).uniform_(-bound, bound, generator_));
  }
  at::Tensor parameter(const char* name, const at::Tensor& value) {
    const auto format =
        value.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
    at::Tensor tensor = value.contiguous(format).to(device_).set_requires_grad(true);
    parameters_.push_back({path_ + "." + name, tensor});
    return tensor;
  }
  at::Tensor buffer(const char* name, const at::Tensor& value) {
    buffers_.push_back({path_ + "." + name, value.to(device_)});
    return buffers_.back().tensor;
  }

  at::Generator generator_;
  at::Device device_;
  NamedTensors& parameters_;
  NamedTensors& buffers_;
  const Layer* layer_ = nullptr;
  bool in_place_ = false;
  std::string path_;
};

}  // namespace

Model::Model(const ResolvedArchitecture& architecture, std::uint64_t seed, at::Device device) {
  nodes_ = Builder(seed, device, parameters_, buffers_).build(architecture.layers, "");
}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

at::Tensor Model::forward(at::Tensor images, bool training) const {
  return run(nodes_, std::move(images), training);
}

NamedTensors Model::state() const {
  NamedTensors all = parameters_;
  all.insert(all.end(), buffers_.begin(), buffers_.end());
  return all;
}

std::int64_t Model::parameter_count() const {
  std::int64_t count = 0;
  for (const NamedTensor& parameter : parameters_) count += parameter.tensor.numel();
  return count;
}

std::int64_t Model::bytes() const {
  std::int64_t bytes = 0;
  for (const NamedTensor& entry : state())
    bytes += static_cast<std::int64_t>(entry.tensor.nbytes());
  return bytes;
}

bool copy_state(const NamedTensors& from, const NamedTensors& to) {
  std::unordered_map<std::string, const at::Tensor*> by_name;
  for (const NamedTensor& entry : from) by_name.emplace(entry.name, &entry.tensor);
  for (const NamedTensor& entry : to) {
    const auto found = by_name.find(entry.name);
    if (found == by_name.end() || found->second->sizes() != entry.tensor.sizes() ||
        found->second->scalar_type() != entry.tensor.scalar_type())
      return false;
  }
  const at::NoGradGuard no_grad;
  for (const NamedTensor& entry : to) {
    at::Tensor target = entry.tensor;
    target.copy_(*by_name.at(entry.name));
  }
  return true;
}

}  // namespace firesweep
