// The device on which a trial trains: its abilities, its memory, its generator. Also implements the
// facade's functions about this build and host (trainer.h).
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Stream.h>

#include <cstdint>
#include <string>

#include "shared/base/error.h"
#include "worker/training/precision.h"

namespace firesweep {

// `name` is "cpu" or "cuda:N". kBadInput if it is neither, kUnavailable if this build or host has
// no such device. The first call for a CUDA device initialises CUDA.
Result<at::Device> open_device(const std::string& name);

DeviceAbility ability_of(at::Device device);

// "cpu", or "cuda:0 NVIDIA H100 80GB HBM3".
std::string device_label(at::Device device);

// A stream from the device's pool, on which this thread trains. Work on the default stream can
// neither be recorded nor run at the same time as work of another stream. Every call of a thread
// returns the same stream: LibTorch keeps the libraries' workspaces of each stream (65 MiB on an
// H100) until the process ends. On the CPU: its only stream.
c10::Stream training_stream(at::Device device);

// Waits until the device has finished its work. Returns at once on the CPU.
void synchronize(at::Device device);

// Bytes at the highest point: of a CUDA device since reset_peak_memory, as its allocator counts
// them; on the CPU the process's resident set since it started, which cannot be reset.
std::int64_t peak_memory_bytes(at::Device device);
void reset_peak_memory(at::Device device);

// Releases cached memory of a CUDA device, for other processes or for another attempt.
void release_cached_memory(at::Device device);

// Seeds torch's default generator of the device, from which dropout draws.
void seed_generator(at::Device device, std::uint64_t seed);

// Selects deterministic algorithms only, or the fastest ones (cuDNN then measures its algorithms),
// for the whole process.
void set_deterministic(bool on);

}  // namespace firesweep
