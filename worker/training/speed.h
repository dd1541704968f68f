// Facade of the training room for measuring a network on this host: free of torch.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "shared/domain/layers.h"

namespace firesweep {

struct SpeedOrder {
  ResolvedArchitecture architecture;
  std::string device = "cpu";  // or "cuda:N"
  std::int64_t batch_size = 128;
  double seconds = 4;    // of training steps; at least one is done
  bool latency = false;  // measure single images too
};

struct Speed {
  double train_images_per_s = 0;
  double latency_p50_ms = 0;  // one image at a time, without augmentation
  double latency_p95_ms = 0;
  std::int64_t model_bytes = 0;
  std::int64_t peak_memory_bytes = 0;  // on the CPU of the process since it started
};

// Trains on one made-up batch in the default recipe and precision. Calls `ready` after the first
// step, which makes kernels and buffers; what it waits for is not measured. One call at a time in a
// process; threads as set_up_training says. Throws std::runtime_error where there is no such
// device, and what LibTorch throws where it has too little memory.
Speed measure_speed(const SpeedOrder& order, const std::function<void()>& ready);

}  // namespace firesweep
