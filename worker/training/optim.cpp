#include "worker/training/optim.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "shared/base/near_miss.h"
#include "worker/training/device.h"

namespace firesweep {
namespace {

constexpr double kAdamEpsilon = 1e-8;
constexpr double kClipEpsilon = 1e-6;  // PyTorch's, against a division by zero

// What some fifteen launches cost in floating-point operations of bf16 products.
constexpr double kMuonOverheadOnGpu = 1e10;
constexpr double kMuonOverheadOnCpu = 3e7;

std::vector<at::Tensor> gradients_of(const std::vector<at::Tensor>& parameters) {
  std::vector<at::Tensor> gradients;
  gradients.reserve(parameters.size());
  for (const at::Tensor& parameter : parameters) {
    assert(parameter.grad().defined());
    gradients.push_back(parameter.grad());
  }
  return gradients;
}

// The names of BatchNorm's biases: those beside a weight of one dimension.
std::set<std::string> shifts_of_norms(const NamedTensors& parameters) {
  constexpr std::string_view kWeight = ".weight";
  std::set<std::string> names;
  for (const NamedTensor& entry : parameters) {
    if (entry.tensor.dim() == 1 && entry.name.ends_with(kWeight))
      names.insert(entry.name.substr(0, entry.name.size() - kWeight.size()) + ".bias");
  }
  return names;
}

std::optional<at::Tensor> found_inf_of(const LossScaler& scaler) {
  return scaler.active() ? std::optional<at::Tensor>(scaler.found_inf()) : std::nullopt;
}

Muon make_muon(const NamedTensors& weights, const TrialConfig& config) {
  const at::Device device = weights.front().tensor.device();
  const std::vector<std::string> kinds = amp_kinds_of(ability_of(device));
  const bool bf16 = config.amp != "off" && std::ranges::find(kinds, "bf16") != kinds.end();
  return {weights, config.momentum, bf16 ? at::kBFloat16 : at::kFloat,
          device.is_cpu() ? kMuonOverheadOnCpu : kMuonOverheadOnGpu};
}

}  // namespace

Result<OptimizerKind> find_optimizer(const std::string& word) {
  if (word == "adamw") return OptimizerKind::kAdamW;
  if (word == "sgd") return OptimizerKind::kSgd;
  if (word == "muon") return OptimizerKind::kMuon;
  constexpr std::array<std::string_view, 3> kWords = {"adamw", "sgd", "muon"};
  return fail(ErrorCode::kBadInput, "optimizer",
              "found \"" + word + "\", expected adamw, sgd or muon", did_you_mean(word, kWords));
}

Optimizer::Optimizer(OptimizerKind kind, const TrialConfig& config, const NamedTensors& parameters)
    : kind_(kind), beta2_(config.beta2), grad_clip_(config.grad_clip) {
  assert(!parameters.empty());
  const double rate_factor = kind == OptimizerKind::kMuon ? config.sgd_lr / config.lr : 1;
  groups_.resize(3);
  for (Group& group : groups_) group.rate_factor = rate_factor;
  groups_[0].weight_decay = config.weight_decay;
  if (config.decay_all) groups_[1].weight_decay = groups_[2].weight_decay = config.weight_decay;
  groups_[2].rate_factor = rate_factor * config.bn_bias_lr_factor;
  const bool shifts_apart = config.bn_bias_lr_factor != 1;
  const std::set<std::string> shifts = shifts_of_norms(parameters);
  const bool adamw = kind == OptimizerKind::kAdamW;
  if (adamw)
    step_ =
        at::zeros({}, parameters.front().tensor.options().dtype(at::kFloat).requires_grad(false));
  NamedTensors convolutions;
  bool first_convolution = true;
  for (const NamedTensor& entry : parameters) {
    const bool convolution = entry.tensor.dim() == 4;
    const bool of_muon = kind == OptimizerKind::kMuon && convolution && !first_convolution;
    if (convolution) first_convolution = false;
    if (!entry.tensor.requires_grad()) continue;
    if (of_muon) {
      convolutions.push_back(entry);
      continue;
    }
    const bool shift = shifts_apart && shifts.contains(entry.name);
    Group& group = groups_[entry.tensor.dim() >= 2 ? 0 : shift ? 2 : 1];
    const at::Tensor values = entry.tensor.detach();
    group.names.push_back(entry.name);
    group.parameters.push_back(entry.tensor);
    group.first.push_back(at::zeros_like(values));
    if (!adamw) continue;
    group.second.push_back(at::zeros_like(values));
    group.steps.push_back(step_);
  }
  std::erase_if(groups_, [](const Group& group) { return group.parameters.empty(); });
  if (!convolutions.empty()) muon_.emplace(make_muon(convolutions, config));
}

void Optimizer::step(const Rates& rates, LossScaler& scaler) {
  prepare(scaler);
  apply(rates, scaler);
}

void Optimizer::prepare(LossScaler& scaler) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> all;
  for (const Group& group : groups_) {
    const std::vector<at::Tensor> gradients = gradients_of(group.parameters);
    all.insert(all.end(), gradients.begin(), gradients.end());
  }
  const auto of_muon = muon_ ? gradients_of(muon_->weights()) : std::vector<at::Tensor>{};
  all.insert(all.end(), of_muon.begin(), of_muon.end());
  scaler.unscale(all);
  if (grad_clip_ > 0) clip_gradients(all, grad_clip_);
  if (muon_) muon_->prepare(of_muon, found_inf_of(scaler));
}

void Optimizer::apply(const Rates& rates, LossScaler& scaler) {
  const at::NoGradGuard no_grad;
  if (step_.defined()) step_.add_(1);
  for (Group& group : groups_) apply_to(group, rates, scaler);
  if (muon_) muon_->apply(rates.lr);
  if (step_.defined() && scaler.active()) step_.sub_(scaler.found_inf());
  scaler.update();
}

void Optimizer::apply_to(Group& group, const Rates& rates, const LossScaler& scaler) {
  const std::vector<at::Tensor> gradients = gradients_of(group.parameters);
  const std::optional<at::Tensor> found_inf = found_inf_of(scaler);
  const double lr = rates.lr * group.rate_factor;
  if (kind_ == OptimizerKind::kAdamW) {
    at::_fused_adamw_(group.parameters, gradients, group.first, group.second, {}, group.steps, lr,
                      rates.momentum, beta2_, group.weight_decay, kAdamEpsilon,
                      /*amsgrad=*/false,
                      /*maximize=*/false, std::nullopt, found_inf);
    return;
  }
  // A buffer of zeros makes the first step like any other: momentum·0 + gradient.
  at::_fused_sgd_(group.parameters, gradients, group.first, group.weight_decay, rates.momentum, lr,
                  /*dampening=*/0, /*nesterov=*/rates.momentum > 0, /*maximize=*/false,
                  /*is_first_step=*/false, std::nullopt, found_inf);
}

void Optimizer::zero_grad() {
  for (Group& group : groups_)
    for (const at::Tensor& parameter : group.parameters) parameter.mutable_grad() = at::Tensor();
  if (!muon_) return;
  for (const at::Tensor& weight : muon_->weights()) weight.mutable_grad() = at::Tensor();
}

NamedTensors Optimizer::state() const {
  NamedTensors state;
  if (step_.defined()) state.push_back({"step", step_});
  for (const Group& group : groups_) {
    for (std::size_t i = 0; i < group.names.size(); ++i) {
      state.push_back({"first." + group.names[i], group.first[i]});
      if (!group.second.empty()) state.push_back({"second." + group.names[i], group.second[i]});
    }
  }
  if (muon_) {
    const NamedTensors more = muon_->state();
    state.insert(state.end(), more.begin(), more.end());
  }
  return state;
}

void clip_gradients(const std::vector<at::Tensor>& gradients, double max_norm) {
  const at::Tensor norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(gradients)));
  const at::Tensor factor = norm.add(kClipEpsilon).reciprocal().mul(max_norm).clamp_max(1.0);
  at::_foreach_mul_(gradients, factor);
}

WeightAverage::WeightAverage(const Model& source, Model average, double decay)
    : decay_(decay), average_(std::move(average)) {
  const bool copied = copy_state(source.state(), average_.state());
  assert(copied);
  static_cast<void>(copied);
  for (const NamedTensor& entry : source.state()) from_.push_back(entry.tensor);
  for (const NamedTensor& entry : average_.state()) to_.push_back(entry.tensor);
}

void WeightAverage::update() {
  const at::NoGradGuard no_grad;
  at::_foreach_lerp_(to_, from_, 1.0 - decay_);
}

}  // namespace firesweep
