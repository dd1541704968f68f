// Mixed precision: the kinds that a device supports, an autocast scope, which LibTorch lacks in
// C++, and loss scaling for fp16.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "shared/base/error.h"
#include "worker/training/model.h"

namespace firesweep {

enum class Amp { kOff, kBf16, kFp16 };
std::string to_string(Amp amp);  // "off", "bf16", "fp16"

// The abilities of a device that matter for mixed precision.
struct DeviceAbility {
  bool cuda = false;
  int capability = 0;        // of a CUDA device: 10·major + minor
  bool bf16_on_cpu = false;  // AMX or AVX-512 instructions for bf16
};

// The kinds a device may be asked for: "off" first. Pure.
std::vector<std::string> amp_kinds_of(const DeviceAbility& ability);

// What a config's `amp` means on a device. `auto` is bf16 on GPUs from compute capability 8.0 and
// on CPUs with bf16 instructions, fp16 on GPUs of 7.x, otherwise off. kBadInput where the kind
// asked for does not exist or the device lacks its instructions and would only emulate them. Pure.
Result<Amp> resolve_amp(const std::string& requested, const DeviceAbility& ability);

// Autocast on for the life of the scope on this thread, as Python's torch.autocast: may be nested,
// and the cast weights are dropped where the outermost scope ends. kOff opens nothing. The backward
// pass belongs outside.
class AutocastScope {
 public:
  AutocastScope(at::DeviceType device, Amp amp);
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;
  ~AutocastScope();

 private:
  at::DeviceType device_;
  bool active_;
  bool enabled_before_ = false;
  at::ScalarType dtype_before_ = at::kFloat;
};

// Scales the loss so that fp16 gradients do not vanish (Micikevicius et al.: Mixed Precision
// Training, 2018, §3.2), with PyTorch's growth rule: halved at a non-finite gradient, doubled after
// 2000 steps without one. Everything stays on the device; nothing is read back. One thread at a
// time.
class LossScaler {
 public:
  // Off unless `amp` is kFp16: then every function does nothing.
  LossScaler(Amp amp, at::Device device);

  bool active() const { return scale_.defined(); }

  at::Tensor scaled(const at::Tensor& loss) const;

  // Divides the gradients by the scale and notes in found_inf() whether one is not finite.
  void unscale(const std::vector<at::Tensor>& gradients);

  // [] float, 1 where the optimizer must skip this step; undefined where not active.
  const at::Tensor& found_inf() const { return found_inf_; }

  // After the optimizer's step.
  void update();

  // For checkpoints; shares the live tensors. Empty where not active.
  NamedTensors state() const;

 private:
  at::Tensor scale_;           // [] float
  at::Tensor growth_tracker_;  // [] int32: finite steps since the scale changed
  at::Tensor found_inf_;       // [] float
};

}  // namespace firesweep
