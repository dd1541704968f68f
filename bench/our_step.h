// Our training step as bench/train_step and bench/gpu measure it: on one batch in memory, like a
// normalised one.
#pragma once

#include <ATen/core/Tensor.h>

#include "worker/training/train_step.h"

namespace firesweep::bench {

struct StepPlace {
  at::Device device = at::kCPU;
  Amp amp = Amp::kOff;
  std::int64_t batch = 128;
};

// Makes model, optimizer and batch on the device and warms them up. One thread.
class OurStep {
 public:
  OurStep(const ResolvedArchitecture& architecture, const StepPlace& place);

  // The steps between two looks of training at its loss: one on the CPU, sixteen on a GPU, and then
  // the wait for them. Returns their images.
  double images_of_steps();

 private:
  StepPlace place_;
  Model model_;
  Optimizer optimizer_;
  LossScaler scaler_;
  TrainStep step_;
  Batch batch_;
  at::Tensor loss_sum_;     // [] double, on the device
  at::Tensor correct_sum_;  // [] int64, on the device
};

}  // namespace firesweep::bench
