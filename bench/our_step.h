// Our training step as bench/train_step and bench/gpu measure it: on one batch in memory, like a
// normalised one.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "worker/training/train_step.h"

namespace firesweep::bench {

// Where and how a step is taken.
struct StepOptions {
  at::Device device = at::kCPU;
  Amp amp = Amp::kOff;
  std::int64_t batch = 128;
  bool record = true;  // as a CUDA graph, where the device can
};

// Every way of ours to take a step at that options, under the name that a table gives it.
std::vector<std::pair<std::string, StepOptions>> our_ways(const StepOptions& options);

// Makes model, optimizer and batch on the device and warms them up. One thread.
class OurStep {
 public:
  OurStep(const ResolvedArchitecture& architecture, const StepOptions& options);

  // The steps between two looks of training at its loss: one on the CPU, sixteen on a GPU, and then
  // the wait for them. Returns their images.
  double images_of_steps();

 private:
  StepOptions options_;
  c10::Stream stream_;
  Model model_;
  Optimizer optimizer_;
  LossScaler scaler_;
  TrainStep step_;
  Batch batch_;
  TrainStep::NextBatch next_;
  at::Tensor loss_sum_;     // [] double, on the device
  at::Tensor correct_sum_;  // [] int64, on the device
};

}  // namespace firesweep::bench
