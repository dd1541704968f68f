// How many slots a host gets, and what each of them may use.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/host_speeds.h"
#include "worker/runtime/options/options.h"

namespace firesweep {

struct SlotPlan {
  std::string device;  // "cpu" or "cuda:N"
  int threads = 1;
  friend bool operator==(const SlotPlan&, const SlotPlan&) = default;
};

// Whether the devices must be listed before slots can be planned.
bool needs_cuda_devices(const WorkerOptions& options);

// The slots of this host, by number. On GPUs one per device by default; more slots share the
// devices in turn. On the CPU one per core by default, or as many as --threads leaves room for.
// Threads divide the cores unless given. kBadInput at --device where CUDA was asked for and the
// device is not among `cuda_devices`. Pure.
Result<std::vector<SlotPlan>> plan_slots(const WorkerOptions& options, int cores,
                                         const std::vector<std::string>& cuda_devices);

// How many slots a host without GPUs gets by what it has measured, where the options say neither
// slots nor threads: one where that was faster, else as the options have it. Pure.
std::optional<int> wanted_cpu_slots(const WorkerOptions& options, const HostSpeeds& speeds,
                                    const DeviceKey& cpu);

// How a plan shares each of its devices: as many slots as its first device has. Pure.
DeviceShare share_of(const std::vector<SlotPlan>& plan);

}  // namespace firesweep
