// Finds out whether CUDA's Multi-Process Service runs on this host. It decides whether several
// slots of one GPU run at the same time or take turns. Reads files and processes only; starts
// nothing.
#pragma once

#include <filesystem>
#include <string>

#include "worker/runtime/options/options.h"

namespace firesweep {

struct Mps {
  bool runs = false;
  std::string why;       // what was found, in words
  bool started = false;  // by this worker
};

// The folder of the control daemon's pipes: CUDA_MPS_PIPE_DIRECTORY, else /tmp/nvidia-mps (NVIDIA:
// Multi-Process Service, "CUDA_MPS_PIPE_DIRECTORY"). Pure, given the environment.
std::filesystem::path mps_folder(const Environment& environment);

// MPS runs if the folder has a control pipe and the daemon of its pid file is among `processes`.
// The pipe alone is not enough, since it outlives the daemon. A daemon outside of this container
// cannot be seen; `why` says so. Never fails: files that cannot be read count as missing.
Mps find_mps(const std::filesystem::path& folder, const std::filesystem::path& processes = "/proc");

// One line for the log: how this number of slots shares this number of GPUs.
std::string sharing_line(int slots, int gpus, const Mps& mps);

}  // namespace firesweep
