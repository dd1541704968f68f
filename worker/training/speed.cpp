#include "worker/training/speed.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "worker/training/device.h"
#include "worker/training/train_step.h"

namespace firesweep {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSingleImages = 200;
constexpr int kSingleWarmUp = 20;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// [B,3,32,32] float in channels_last, as a normalised batch.
at::Tensor made_up_images(std::int64_t count) {
  return at::empty({count, 32, 32, 3}).uniform_(-1.7, 1.7).permute({0, 3, 1, 2});
}

void measure_latency(const Model& model, Amp amp, Speed& speed) {
  const at::NoGradGuard no_grad;
  const AutocastScope autocast(at::kCPU, amp);
  const at::Tensor image = made_up_images(1);
  std::vector<double> times;
  for (int i = -kSingleWarmUp; i < kSingleImages; ++i) {
    const Clock::time_point begin = Clock::now();
    model.forward(image, /*training=*/false);
    if (i >= 0) times.push_back(1000 * seconds_since(begin));
  }
  std::ranges::sort(times);
  speed.latency_p50_ms = times[times.size() / 2];
  speed.latency_p95_ms = times[times.size() * 95 / 100];
}

}  // namespace

Speed measure_speed(const SpeedOrder& order, const std::function<void()>& ready) {
  const Amp amp = *resolve_amp("auto", ability_of(at::kCPU));
  const Model model(order.architecture, 1, at::kCPU);
  const TrialConfig recipe;
  Optimizer optimizer(OptimizerKind::kAdamW, recipe, model.parameters());
  LossScaler scaler(amp, at::kCPU);
  TrainStep step(model, optimizer, scaler, {.amp = amp, .label_smoothing = recipe.label_smoothing});
  const Batch batch = {
      made_up_images(order.batch_size),
      at::zeros({order.batch_size}, at::kLong).random_(0, order.architecture.classes)};
  const at::Tensor loss_sum = at::zeros({}, at::kDouble), correct_sum = at::zeros({}, at::kLong);
  const auto one = [&] { step.run(batch, {recipe.lr, recipe.beta1}, 1, loss_sum, correct_sum); };

  one();
  if (ready) ready();
  const Clock::time_point begin = Clock::now();
  std::int64_t images = 0;
  double passed = 0;
  do {
    one();
    images += order.batch_size;
    passed = seconds_since(begin);
  } while (passed < order.seconds);

  Speed speed;
  speed.train_images_per_s = static_cast<double>(images) / passed;
  speed.model_bytes = model.bytes();
  speed.peak_memory_bytes = peak_memory_bytes(at::kCPU);
  if (order.latency) measure_latency(model, amp, speed);
  return speed;
}

}  // namespace firesweep
