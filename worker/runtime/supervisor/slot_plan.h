// How many slots a host runs, and which device and threads each of them uses.
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

// Whether the CUDA devices must be listed before slots can be planned.
bool needs_cuda_devices(const WorkerOptions& options);

// The slots of this host, by number. On GPUs the default is one slot per device; further slots
// share the devices. On the CPU the default is one slot per core, or as many as fit with --threads.
// Unless given, the threads per slot are the cores divided by the slots. kBadInput at --device if
// the user wants a CUDA device that is not among `cuda_devices`. Pure.
Result<std::vector<SlotPlan>> plan_slots(const WorkerOptions& options, int cores,
                                         const std::vector<std::string>& cuda_devices);

// How many slots a host without GPUs runs, if the options give neither slots nor threads: one if
// that was measured to be faster, else as in the options. Pure.
std::optional<int> wanted_cpu_slots(const WorkerOptions& options, const HostSpeeds& speeds,
                                    const DeviceKey& cpu);

// How a plan shares its devices: the number of slots on its first device, and their threads. Pure.
DeviceShare share_of(const std::vector<SlotPlan>& plan);

}  // namespace firesweep
