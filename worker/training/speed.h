// Facade of the training room for measuring a network on this host: free of torch.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "shared/domain/layers.h"
#include "shared/domain/trial_config.h"

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

struct ProbeOrder {
  ResolvedArchitecture architecture;
  TrialConfig config;          // its optimizer, precision and batch are what is measured
  std::string device = "cpu";  // or "cuda:N"
  int slots = 1;               // that train at once, each on a thread of this process
  int threads = 1;             // of each
  double seconds = 1;          // for everything; two steps are done in any case
};

// Seconds of a forward and backward pass over so many images.
struct PassTime {
  std::int64_t images = 0;
  double seconds = 0;
};

// Seconds of a pass over `images`, no less than large.images: a line through two measurements, of
// which `small` may be missing (no images): then proportional to the images. A slope that noise has
// made negative or steeper than that is not believed. Pure.
double pass_seconds(const PassTime& small, const PassTime& large, std::int64_t images);

// Images per second of one slot, as the config would train: an estimate for little time. On the CPU
// it measures batches of few images, larger ones as far as the time allows, and draws a line
// through the two largest; the optimizer's share does not depend on the images. Made-up images; no
// augmentation. Throws as measure_speed. Call set_up_training first; one call at a time, in a
// process that trains nothing else: it sets how many threads the process computes with.
double probe_speed(const ProbeOrder& order);

}  // namespace firesweep
