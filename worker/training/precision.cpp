#include "worker/training/precision.h"

#include <ATen/autocast_mode.h>
#include <ATen/ops/_amp_foreach_non_finite_check_and_unscale.h>
#include <ATen/ops/_amp_update_scale.h>
#include <ATen/ops/full.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>

#include "shared/base/near_miss.h"

namespace firesweep {
namespace {

constexpr double kInitialScale = 65536;
constexpr double kGrowthFactor = 2;
constexpr double kBackoffFactor = 0.5;
constexpr std::int64_t kGrowthInterval = 2000;

constexpr int kBf16Capability = 80;  // Turing (7.5) and Volta only emulate it
constexpr int kFp16Capability = 70;

}  // namespace

std::string to_string(Amp amp) {
  switch (amp) {
    case Amp::kOff:
      return "off";
    case Amp::kBf16:
      return "bf16";
    case Amp::kFp16:
      return "fp16";
  }
  return "";
}

std::vector<std::string> amp_kinds_of(const DeviceAbility& ability) {
  std::vector<std::string> kinds = {"off"};
  if (ability.cuda ? ability.capability >= kBf16Capability : ability.bf16_on_cpu)
    kinds.emplace_back("bf16");
  if (ability.cuda && ability.capability >= kFp16Capability) kinds.emplace_back("fp16");
  return kinds;
}

Result<Amp> resolve_amp(const std::string& requested, const DeviceAbility& ability) {
  if (requested == "off") return Amp::kOff;
  if (requested == "auto") {
    // On a CPU with AVX512-BF16, v2 and v3 train 1.4 to 1.7 times as fast as in single precision.
    if (!ability.cuda) return ability.bf16_on_cpu ? Amp::kBf16 : Amp::kOff;
    if (ability.capability >= kBf16Capability) return Amp::kBf16;
    return ability.capability >= kFp16Capability ? Amp::kFp16 : Amp::kOff;
  }
  if (requested != "bf16" && requested != "fp16") {
    constexpr std::array<std::string_view, 4> kWords = {"auto", "off", "bf16", "fp16"};
    return fail(ErrorCode::kBadInput, "amp",
                "found \"" + requested + "\", expected auto, off, bf16 or fp16",
                did_you_mean(requested, kWords));
  }
  const std::vector<std::string> kinds = amp_kinds_of(ability);
  if (std::ranges::find(kinds, requested) != kinds.end())
    return requested == "bf16" ? Amp::kBf16 : Amp::kFp16;
  std::string lacking;
  if (ability.cuda) {
    lacking = "this GPU's compute capability is " + std::to_string(ability.capability / 10) + "." +
              std::to_string(ability.capability % 10) + ", and " + requested + " needs " +
              (requested == "bf16" ? "8.0" : "7.0");
  } else if (requested == "bf16") {
    lacking =
        "this CPU has neither AMX nor AVX-512 instructions for bf16 and would emulate it many "
        "times slower";
  } else {
    lacking = "CPUs do not train in fp16";
  }
  return fail(ErrorCode::kBadInput, "amp", "found \"" + requested + "\", but " + lacking,
              "use \"auto\", which takes what the device does fast and safely");
}

AutocastScope::AutocastScope(at::DeviceType device, Amp amp)
    : device_(device), active_(amp != Amp::kOff) {
  if (!active_) return;
  enabled_before_ = at::autocast::is_autocast_enabled(device);
  dtype_before_ = at::autocast::get_autocast_dtype(device);
  at::autocast::set_autocast_enabled(device, true);
  at::autocast::set_autocast_dtype(device, amp == Amp::kBf16 ? at::kBFloat16 : at::kHalf);
  at::autocast::increment_nesting();
}

AutocastScope::~AutocastScope() {
  if (!active_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, enabled_before_);
  at::autocast::set_autocast_dtype(device_, dtype_before_);
}

LossScaler::LossScaler(Amp amp, at::Device device) {
  if (amp != Amp::kFp16) return;
  scale_ = at::full({}, kInitialScale, at::TensorOptions(device).dtype(at::kFloat));
  growth_tracker_ = at::zeros({}, at::TensorOptions(device).dtype(at::kInt));
  found_inf_ = at::zeros({}, at::TensorOptions(device).dtype(at::kFloat));
}

at::Tensor LossScaler::scaled(const at::Tensor& loss) const {
  return active() ? at::mul(loss, scale_) : loss;
}

void LossScaler::unscale(const std::vector<at::Tensor>& gradients) {
  if (!active()) return;
  found_inf_.zero_();
  at::_amp_foreach_non_finite_check_and_unscale_(gradients, found_inf_, scale_.reciprocal());
}

void LossScaler::update() {
  if (!active()) return;
  at::_amp_update_scale_(scale_, growth_tracker_, found_inf_, kGrowthFactor, kBackoffFactor,
                         kGrowthInterval);
}

NamedTensors LossScaler::state() const {
  if (!active()) return {};
  return {{"scale", scale_}, {"growth_tracker", growth_tracker_}};
}

}  // namespace firesweep
