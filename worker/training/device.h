// The device a trial trains on: finding it, what it can do, its memory, its generator. The facade's
// questions about this build and host (trainer.h) are answered here too.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Stream.h>

#include <cstdint>
#include <string>

#include "shared/base/error.h"
#include "worker/training/precision.h"

namespace firesweep {

// "cpu" or "cuda:N". kBadInput where it is neither, kUnavailable where this build or host has no
// such device. The first call for a CUDA device initialises CUDA.
Result<at::Device> open_device(const std::string& name);

DeviceAbility ability_of(at::Device device);

// "cpu", or "cuda:0 NVIDIA H100 80GB HBM3".
std::string device_label(at::Device device);

// A stream of the device's own pool, for this thread to train on: work on the default stream can
// neither be recorded nor run beside another's. The same for a thread in every call: LibTorch keeps
// the libraries' workspaces of each stream (65 MiB on an H100) until the process ends. On the CPU
// its only stream.
c10::Stream training_stream(at::Device device);

// Waits until the device has done what it was given. Nothing to wait for on the CPU.
void synchronize(at::Device device);

// Bytes at the highest point: of a CUDA device since reset_peak_memory, as its allocator counts
// them; on the CPU the process's resident set since it started, which cannot be reset.
std::int64_t peak_memory_bytes(at::Device device);
void reset_peak_memory(at::Device device);

// Gives cached memory back to a CUDA device, for other processes or for another try.
void release_cached_memory(at::Device device);

// Seeds torch's default generator of the device, from which dropout draws.
void seed_generator(at::Device device, std::uint64_t seed);

// Deterministic algorithms only, or whatever is fastest (cuDNN then tries its algorithms out). For
// the process.
void set_deterministic(bool on);

}  // namespace firesweep
