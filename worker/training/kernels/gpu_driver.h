// Asks the CUDA driver about a device, through libcuda itself, so that neither CUDA headers nor a
// CUDA build of LibTorch are needed. Free of torch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace firesweep {

struct GpuFacts {
  std::string name;    // "NVIDIA H100 80GB HBM3"
  int capability = 0;  // 10·major + minor
  std::string uuid;    // "GPU-d675772b-…", the same in every process of the host
  std::int64_t memory_bytes = 0;
  int multiprocessors = 0;
};

// The device of that number, counted as in CUDA_VISIBLE_DEVICES; none if there is no driver or no
// such device. Initialises the driver in this process. Safe from any thread.
std::optional<GpuFacts> ask_gpu_driver(int device);

}  // namespace firesweep
