// The resources of the host that this process may use. Reads the system and changes nothing; safe
// from any thread.
#pragma once

#include <cstdint>
#include <string>

namespace firesweep {

// The number of cores in this process's affinity mask, limited by the CPU quota of its control
// group. At least 1.
int usable_cores();

// The machine's memory, limited by this process's control group. 0 if unknown.
std::int64_t usable_memory_bytes();

// For example "AMD EPYC 7B13 64-Core Processor"; empty if /proc/cpuinfo does not say.
std::string cpu_name();

// Whether a GPU driver is present: NVIDIA's, NVIDIA's under WSL, or AMD's.
bool has_gpu_driver();

}  // namespace firesweep
