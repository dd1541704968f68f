#include "worker/training/model.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <utility>

#include "shared/base/near_miss.h"
#include "worker/training/kernels/nodes.h"
#include "worker/training/random.h"

namespace firesweep {
namespace {

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

// Makes the first filters of each group identities, in place.
void pass_channels_on(const at::Tensor& weight, std::int64_t groups) {
  const at::NoGradGuard no_grad;
  const std::int64_t filters = weight.size(0) / groups;
  const std::int64_t passed = std::min(filters, weight.size(1)), centre = weight.size(2) / 2;
  for (std::int64_t group = 0; group < groups; ++group) {
    const at::Tensor first = weight.narrow(0, group * filters, passed);
    first.zero_();
    first.narrow(1, 0, passed).select(3, centre).select(2, centre).fill_diagonal_(1);
  }
}

bool ends_in_norm_relu(const Layers& layers, std::size_t end) {
  if (end < 2 || !std::holds_alternative<BatchNorm>(layers[end - 2].op)) return false;
  const auto* const activation = std::get_if<Activation>(&layers[end - 1].op);
  return activation != nullptr && activation->kind == ActivationKind::kRelu;
}

// The layers of a branch that is one group ending in BatchNorm and ReLU, as Fire's are; else null.
const Layers* norm_relu_group(const Layers& branch) {
  const auto* const group = branch.size() == 1 ? std::get_if<Sequence>(&branch[0].op) : nullptr;
  const bool fits = group != nullptr && ends_in_norm_relu(group->layers, group->layers.size());
  return fits ? &group->layers : nullptr;
}

// Walks the layers once, in the file's order, making nodes and their tensors. One build, one
// thread.
class Builder {
 public:
  Builder(std::uint64_t seed, at::Device device, const ModelSettings& settings,
          NamedTensors& parameters, NamedTensors& buffers, std::shared_ptr<CastWeights> weights)
      : generator_(at::detail::createCPUGenerator(draw_seed(seed, Purpose::kWeights, 0, 0))),
        device_(device),
        settings_(settings),
        parameters_(parameters),
        buffers_(buffers),
        weights_(std::move(weights)) {}

  Nodes build(const Layers& layers, const std::string& prefix) {
    return build(layers, layers.size(), prefix);
  }

  // The first `end` layers.
  Nodes build(const Layers& layers, std::size_t end, const std::string& prefix) {
    Nodes nodes;
    nodes.reserve(end);
    for (std::size_t i = 0; i < end; ++i) {
      if (i + 2 <= end && ends_in_norm_relu(layers, i + 2)) {
        std::vector<Nodes> nothing_before(1);
        nodes.push_back(std::make_unique<NormReluNode>(std::move(nothing_before),
                                                       std::vector<Norm>{norm(layers[i], prefix)}));
        ++i;
        continue;
      }
      layer_ = &layers[i];
      norm_follows_ = i + 1 < layers.size() && std::holds_alternative<BatchNorm>(layers[i + 1].op);
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
    if (settings_.init == Init::kDirac || settings_.init == Init::kDiracWhiten)
      pass_channels_on(weight, conv.groups);
    at::Tensor bias = conv.bias ? uniform("bias", {conv.out}, fan_in) : at::Tensor();
    // What BatchNorm subtracts again has no gradient but rounding, and a pass over the output to
    // find it.
    if (conv.bias && norm_follows_) bias.set_requires_grad(false);
    return std::make_unique<ConvNode>(conv, Weights(weights_, std::move(weight), std::move(bias)));
  }
  std::unique_ptr<Node> operator()(const BatchNorm& norm) {
    return std::make_unique<BatchNormNode>(tensors_of(norm));
  }
  std::unique_ptr<Node> operator()(const Linear& linear) {
    at::Tensor weight = uniform("weight", {linear.out, linear.in}, linear.in);
    at::Tensor bias = uniform("bias", {linear.out}, linear.in);
    return std::make_unique<LinearNode>(Weights(weights_, std::move(weight), std::move(bias)));
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
    if (std::ranges::all_of(concat.branches, norm_relu_group)) return joined(concat, path);
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
  Norm tensors_of(const BatchNorm& norm) {
    Norm made;
    made.weight = parameter("weight", at::ones({norm.channels}));
    made.bias = parameter("bias", at::zeros({norm.channels}));
    made.running_mean = buffer("running_mean", at::zeros({norm.channels}));
    made.running_var = buffer("running_var", at::ones({norm.channels}));
    made.momentum = settings_.bn_momentum;
    if (device_.is_cuda() && settings_.fused) made.counters = norm_counters(norm.channels, device_);
    return made;
  }
  Norm norm(const Layer& layer, const std::string& prefix) {
    path_ = prefix + layer.name;
    return tensors_of(std::get<BatchNorm>(layer.op));
  }
  std::unique_ptr<Node> joined(const Concat& concat, const std::string& path) {
    std::vector<Nodes> before;
    std::vector<Norm> norms;
    for (std::size_t i = 0; i < concat.branches.size(); ++i) {
      const Layers& group = *norm_relu_group(concat.branches[i]);
      const std::string prefix =
          path + "." + std::to_string(i) + "." + concat.branches[i][0].name + ".";
      before.push_back(build(group, group.size() - 2, prefix));
      norms.push_back(norm(group[group.size() - 2], prefix));
    }
    return std::make_unique<NormReluNode>(std::move(before), std::move(norms));
  }
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
  ModelSettings settings_;
  NamedTensors& parameters_;
  NamedTensors& buffers_;
  std::shared_ptr<CastWeights> weights_;
  const Layer* layer_ = nullptr;
  bool in_place_ = false;
  bool norm_follows_ = false;
  std::string path_;
};

}  // namespace

Result<Init> find_init(const std::string& word) {
  constexpr std::array<std::string_view, 4> kWords = {"torch", "dirac", "whiten", "dirac_whiten"};
  const auto* const found = std::ranges::find(kWords, word);
  if (found != kWords.end()) return static_cast<Init>(found - kWords.begin());
  return fail(ErrorCode::kBadInput, "init",
              "found \"" + word + "\", expected torch, dirac, whiten or dirac_whiten",
              did_you_mean(word, kWords));
}

Model::Model(const ResolvedArchitecture& architecture, std::uint64_t seed, at::Device device,
             const ModelSettings& settings)
    : weights_(std::make_shared<CastWeights>()), fused_(settings.fused) {
  Builder builder(seed, device, settings, parameters_, buffers_, weights_);
  nodes_ = builder.build(architecture.layers, "");
}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

at::Tensor Model::forward(at::Tensor images, bool training) const {
  const at::DeviceType device = images.device().type();
  std::optional<CastWeights::Cast> cast;
  if (training && fused_ && at::autocast::is_autocast_enabled(device))
    cast.emplace(*weights_, at::autocast::get_autocast_dtype(device));
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
