// Optimizers with LibTorch's fused kernels, gradient clipping, and the moving average of weights.
// Knows no schedule: the caller gives the rates of each step.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/trial_config.h"
#include "worker/training/model.h"
#include "worker/training/muon.h"
#include "worker/training/precision.h"
#include "worker/training/schedule.h"

namespace firesweep {

enum class OptimizerKind {
  kAdamW,  // Loshchilov, Hutter: Decoupled Weight Decay Regularization, 2019
  kSgd,    // with Nesterov momentum, as PyTorch has it
  kMuon    // muon.h for every 4-D weight but the first, SGD for the rest
};

// kBadInput names an optimizer that does not exist. Pure.
Result<OptimizerKind> find_optimizer(const std::string& word);

// Updates a model's parameters from their gradients. Weight decay applies to weights, and to
// parameters with fewer than two dimensions (BatchNorm's scale and shift, biases) only if the
// config has `decay_all`. It never applies to parameters that Muon trains, since their norm is
// fixed. BatchNorm's shifts may have a higher rate (Jordan: 94% on CIFAR-10 in 3.29 Seconds on a
// Single GPU, 2024, §3.4). One thread at a time.
class Optimizer {
 public:
  // Keeps the parameters' tensors; their memory layout must not change afterwards. Muon's products
  // are in bf16 if the device has it and the config's `amp` is not "off", else in single precision.
  Optimizer(OptimizerKind kind, const TrialConfig& config, const NamedTensors& parameters);

  // One step at these rates, with the gradients of every parameter: unscales them, clips them if
  // the config says so, and applies them unless the scaler found a non-finite one. The parameters
  // that SGD trains beside Muon have the rate rates.lr·sgd_lr/lr (config). Reads nothing from the
  // device.
  void step(const Rates& rates, LossScaler& scaler);

  // The two halves of step(). The first needs no rates: it unscales and clips the gradients and
  // makes Muon's directions.
  void prepare(LossScaler& scaler);
  void apply(const Rates& rates, LossScaler& scaler);

  // Releases the gradients, so that the next backward() writes new ones instead of adding, like
  // PyTorch's zero_grad(set_to_none=True).
  void zero_grad();

  // For checkpoints; shares the live tensors.
  NamedTensors state() const;

 private:
  struct Group {
    double weight_decay = 0;
    double rate_factor = 1;
    std::vector<at::Tensor> parameters;
    std::vector<at::Tensor> first;   // AdamW's mean, SGD's momentum buffer
    std::vector<at::Tensor> second;  // AdamW's mean of squares
    std::vector<at::Tensor> steps;   // AdamW: the one step counter, once per parameter
    std::vector<std::string> names;
  };
  void apply_to(Group& group, const Rates& rates, const LossScaler& scaler);

  OptimizerKind kind_;
  double beta2_;
  double grad_clip_;
  std::vector<Group> groups_;
  std::optional<Muon> muon_;
  at::Tensor step_;  // [] float: AdamW's steps taken; undefined for SGD
};

// Scales gradients so that their common L2 norm is at most `max_norm`, as PyTorch's
// clip_grad_norm_. In place.
void clip_gradients(const std::vector<at::Tensor>& gradients, double max_norm);

// An exponential moving average of a model's parameters and BatchNorm statistics, as a model of its
// own that starts from the first one's values. One thread at a time.
class WeightAverage {
 public:
  WeightAverage(const Model& source, Model average, double decay);

  // average ← decay·average + (1-decay)·source.
  void update();

  const Model& model() const { return average_; }

 private:
  double decay_;
  Model average_;
  std::vector<at::Tensor> from_, to_;
};

}  // namespace firesweep
