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

std::vector<std::pair<std::string, StepPlace>> our_ways(const StepPlace& place) {
  if (!can_record(place.device)) return {{"ours", place}};
  StepPlace ordinary = place;
  ordinary.record = false;
  return {{"ours", place}, {"ours_ordinary", ordinary}};
}

OurStep::OurStep(const ResolvedArchitecture& architecture, const StepPlace& place)
    : place_(place),
      stream_(training_stream(place.device)),
      model_(architecture, 1, place.device),
      optimizer_(OptimizerKind::kAdamW, TrialConfig{}, model_.parameters()),
      scaler_(place.amp, place.device),
      step_(model_, optimizer_, scaler_,
            {.device = place.device,
             .amp = place.amp,
             .label_smoothing = 0.1,
             .record = place.record}),
      loss_sum_(at::zeros({}, at::TensorOptions(place.device).dtype(at::kDouble))),
      correct_sum_(at::zeros({}, at::TensorOptions(place.device).dtype(at::kLong))) {
  const at::TensorOptions here(place.device);
  const at::Tensor images = at::empty({place.batch, 32, 32, 3}, here).uniform_(-1.7, 1.7);
  batch_.images = images.permute({0, 3, 1, 2});
  next_ = [this] { return batch_; };
  batch_.labels = at::zeros({place.batch}, here.dtype(at::kLong)).random_(0, architecture.classes);
  for (int i = 0; i < kWarmUps; ++i) images_of_steps();
}

double OurStep::images_of_steps() {
  const c10::StreamGuard current(stream_);
  const std::int64_t steps = place_.device.is_cpu() ? 1 : kReadEvery;
  for (std::int64_t i = 0; i < steps; ++i)
    step_.repeat(next_, {.lr = 1e-3, .momentum = 0.9}, 1, loss_sum_, correct_sum_);
  static_cast<void>(loss_sum_.item<double>());  // as training looks at it; waits for the device
  return static_cast<double>(steps * place_.batch);
}

}  // namespace firesweep::bench
