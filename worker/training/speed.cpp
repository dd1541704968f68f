#include "worker/training/speed.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/core/StreamGuard.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <vector>

#include "worker/training/device.h"
#include "worker/training/train_step.h"

namespace firesweep {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSingleImages = 200;
constexpr int kSingleWarmUp = 20;
constexpr std::int64_t kReadEvery = 16;  // steps of a GPU between two looks at the clock

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// [B,3,32,32] float in channels_last, as a normalised batch.
at::Tensor made_up_images(std::int64_t count, at::Device device) {
  return at::empty({count, 32, 32, 3}, device).uniform_(-1.7, 1.7).permute({0, 3, 1, 2});
}

void measure_latency(const Model& model, at::Device device, Amp amp, Speed& speed) {
  const at::NoGradGuard no_grad;
  const AutocastScope autocast(device.type(), amp);
  const at::Tensor image = made_up_images(1, device);
  std::vector<double> times;
  for (int i = -kSingleWarmUp; i < kSingleImages; ++i) {
    const Clock::time_point begin = Clock::now();
    model.forward(image, /*training=*/false);
    synchronize(device);
    if (i >= 0) times.push_back(1000 * seconds_since(begin));
  }
  std::ranges::sort(times);
  speed.latency_p50_ms = times[times.size() / 2];
  speed.latency_p95_ms = times[times.size() * 95 / 100];
}

}  // namespace

Speed measure_speed(const SpeedOrder& order, const std::function<void()>& ready) {
  const auto opened = open_device(order.device);
  if (!opened) throw std::runtime_error(to_string(opened.error()));
  const at::Device device = *opened;
  const c10::StreamGuard current(training_stream(device));
  const TrialConfig recipe;
  set_deterministic(recipe.deterministic);
  const Amp amp = *resolve_amp("auto", ability_of(device));
  const Model model(order.architecture, 1, device);
  Optimizer optimizer(OptimizerKind::kAdamW, recipe, model.parameters());
  LossScaler scaler(amp, device);
  TrainStep step(model, optimizer, scaler,
                 {.device = device, .amp = amp, .label_smoothing = recipe.label_smoothing});
  const at::TensorOptions here(device);
  const Batch batch = {
      made_up_images(order.batch_size, device),
      at::zeros({order.batch_size}, here.dtype(at::kLong)).random_(0, order.architecture.classes)};
  const at::Tensor loss_sum = at::zeros({}, here.dtype(at::kDouble));
  const at::Tensor correct_sum = at::zeros({}, here.dtype(at::kLong));
  const auto one = [&] {
    step.repeat([&] { return batch; }, {recipe.lr, recipe.beta1}, 1, loss_sum, correct_sum);
  };

  one();
  synchronize(device);
  if (ready) ready();
  const Clock::time_point begin = Clock::now();
  std::int64_t images = 0;
  double passed = 0;
  do {
    for (std::int64_t i = 0; i < (device.is_cpu() ? 1 : kReadEvery); ++i) {
      one();
      images += order.batch_size;
    }
    synchronize(device);
    passed = seconds_since(begin);
  } while (passed < order.seconds);

  Speed speed;
  speed.train_images_per_s = static_cast<double>(images) / passed;
  speed.model_bytes = model.bytes();
  speed.peak_memory_bytes = peak_memory_bytes(device);
  if (order.latency) measure_latency(model, device, amp, speed);
  return speed;
}

}  // namespace firesweep
