// What this process may use of its host. Reads the system, changes nothing; safe from any thread.
#pragma once

#include <cstdint>
#include <string>

namespace firesweep {

// Cores this process may use: its affinity mask, cut to the CPU quota of its control group. At
// least 1.
int usable_cores();

// Memory this process may use: the machine's, cut to the limit of its control group. 0 where
// unknown.
std::int64_t usable_memory_bytes();

// "AMD EPYC 7B13 64-Core Processor"; empty where /proc/cpuinfo does not say.
std::string cpu_name();

// Whether a GPU's driver shows itself: NVIDIA's, NVIDIA's under WSL, or AMD's.
bool has_gpu_driver();

}  // namespace firesweep
