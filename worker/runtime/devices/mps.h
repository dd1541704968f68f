// Whether CUDA's Multi-Process Service runs on this host, which decides what several slots of one
// GPU do: take turns, or run at the same time. Looks at files and processes only, starts nothing.
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

// MPS runs where the folder has a control pipe and the daemon that its pid file names is among
// `processes`. The pipe outlives the daemon; and a daemon on the other side of a container cannot
// be seen, which `why` says too. Never fails: what cannot be read is not there.
Mps find_mps(const std::filesystem::path& folder, const std::filesystem::path& processes = "/proc");

// One line for the log: what sharing means with so many slots on so many GPUs.
std::string sharing_line(int slots, int gpus, const Mps& mps);

}  // namespace firesweep
