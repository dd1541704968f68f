#include "bench/our_step.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/core/StreamGuard.h>

#include "worker/training/device.h"

namespace firesweep::bench {
namespace {

constexpr std::int64_t kReadEvery = 16;  // as trial_run.cpp
constexpr int kWarmUps = 3;

}  // namespace

std::vector<std::pair<std::string, StepOptions>> our_ways(const StepOptions& options) {
  if (!can_record(options.device)) return {{"ours", options}};
  StepOptions ordinary = options;
  ordinary.record = false;
  return {{"ours", options}, {"ours_ordinary", ordinary}};
}

OurStep::OurStep(const ResolvedArchitecture& architecture, const StepOptions& options)
    : options_(options),
      stream_(training_stream(options.device)),
      model_(architecture, 1, options.device),
      optimizer_(OptimizerKind::kAdamW, TrialConfig{}, model_.parameters()),
      scaler_(options.amp, options.device),
      step_(model_, optimizer_, scaler_,
            {.device = options.device,
             .amp = options.amp,
             .label_smoothing = 0.1,
             .record = options.record}),
      loss_sum_(at::zeros({}, at::TensorOptions(options.device).dtype(at::kDouble))),
      correct_sum_(at::zeros({}, at::TensorOptions(options.device).dtype(at::kLong))) {
  const at::TensorOptions here(options.device);
  const at::Tensor images = at::empty({options.batch, 32, 32, 3}, here).uniform_(-1.7, 1.7);
  batch_.images = images.permute({0, 3, 1, 2});
  next_ = [this] { return batch_; };
  batch_.labels =
      at::zeros({options.batch}, here.dtype(at::kLong)).random_(0, architecture.classes);
  for (int i = 0; i < kWarmUps; ++i) images_of_steps();
}

double OurStep::images_of_steps() {
  const c10::StreamGuard current(stream_);
  const std::int64_t steps = options_.device.is_cpu() ? 1 : kReadEvery;
  for (std::int64_t i = 0; i < steps; ++i)
    step_.repeat(next_, {.lr = 1e-3, .momentum = 0.9}, 1, loss_sum_, correct_sum_);
  static_cast<void>(loss_sum_.item<double>());  // as training looks at it; waits for the device
  return static_cast<double>(steps * options_.batch);
}

}  // namespace firesweep::bench
