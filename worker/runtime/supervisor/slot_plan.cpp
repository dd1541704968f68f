#include "worker/runtime/supervisor/slot_plan.h"

#include <algorithm>

namespace firesweep {
namespace {

Result<std::vector<std::string>> chosen_devices(const WorkerOptions& options,
                                                const std::vector<std::string>& cuda_devices) {
  if (options.device == "cpu") return std::vector<std::string>{};
  if (options.device == "auto") return cuda_devices;
  if (cuda_devices.empty()) {
    return fail(
        ErrorCode::kBadInput, "--device",
        "found \"" + options.device + "\", but this host and build have no CUDA device that works",
        "check nvidia-smi and LibTorch's CUDA version, or use --device cpu");
  }
  if (options.device == "cuda") return cuda_devices;
  if (std::find(cuda_devices.begin(), cuda_devices.end(), options.device) != cuda_devices.end()) {
    return std::vector<std::string>{options.device};
  }
  std::string known;
  for (const std::string& device : cuda_devices) known += (known.empty() ? "" : ", ") + device;
  return fail(ErrorCode::kBadInput, "--device",
              "found \"" + options.device + "\", expected one of " + known);
}

}  // namespace

bool needs_cuda_devices(const WorkerOptions& options) { return options.device != "cpu"; }

Result<std::vector<SlotPlan>> plan_slots(const WorkerOptions& options, int cores,
                                         const std::vector<std::string>& cuda_devices) {
  const auto devices = chosen_devices(options, cuda_devices);
  if (!devices) return tl::unexpected(devices.error());
  const int on_cpu = options.threads ? std::max(1, cores / *options.threads) : cores;
  const int slots =
      options.slots.value_or(devices->empty() ? on_cpu : static_cast<int>(devices->size()));
  const int threads = options.threads.value_or(std::max(1, cores / slots));
  std::vector<SlotPlan> plan;
  for (int slot = 0; slot < slots; ++slot) {
    plan.push_back(
        {devices->empty() ? "cpu" : (*devices)[static_cast<std::size_t>(slot) % devices->size()],
         threads});
  }
  return plan;
}

std::optional<int> wanted_cpu_slots(const WorkerOptions& options, const HostSpeeds& speeds,
                                    const DeviceKey& cpu) {
  if (options.slots || options.threads) return options.slots;
  return one_slot_is_faster(speeds, cpu) ? std::optional(1) : std::nullopt;
}

DeviceShare share_of(const std::vector<SlotPlan>& plan) {
  const auto on_first = std::count_if(plan.begin(), plan.end(), [&](const SlotPlan& slot) {
    return slot.device == plan.front().device;
  });
  return {on_first, plan.front().threads};
}

}  // namespace firesweep
