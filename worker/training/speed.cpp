#include "worker/training/speed.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/core/StreamGuard.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "shared/base/compute_clock.h"
#include "shared/domain/presets.h"
#include "shared/domain/trial_work.h"
#include "worker/training/device.h"
#include "worker/training/train_step.h"

namespace firesweep {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSingleImages = 200;
constexpr int kSingleWarmUp = 20;
constexpr std::int64_t kTimedSteps = 16;  // steps of a GPU between two looks at the clock
// A probe's first batch: of so much work that a step is more than the calls it takes, and of two
// images at least. How much larger the second one is where the time allows, and where it allows
// less.
constexpr double kProbeFirstMacs = 2e9;
constexpr std::int64_t kProbeFirstBatch = 2;
constexpr std::int64_t kProbeGrowth = 4;
constexpr std::int64_t kProbeLeastGrowth = 2;
// An image of a large batch costs at least this part of an image of a smaller one.
constexpr double kProbeLeastSlope = 0.3;
// Until a GPU's step has been tried out and recorded (train_step.cpp).
constexpr int kProbeGpuWarmUps = 5;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

at::Device opened(const std::string& name) {
  const auto device = open_device(name);
  if (!device) throw std::runtime_error(to_string(device.error()));
  return *device;
}

template <class T>
T known(const Result<T>& word) {
  if (!word) throw std::runtime_error(to_string(word.error()));
  return *word;
}

// [B,3,32,32] float in channels_last, as a normalised batch.
at::Tensor made_up_images(std::int64_t count, at::Device device) {
  return at::empty({count, 32, 32, 3}, device).uniform_(-1.7, 1.7).permute({0, 3, 1, 2});
}

// A network with all that a training step needs, on one made-up batch. One thread.
class StepRunner {
 public:
  StepRunner(const ResolvedArchitecture& architecture, const TrialConfig& config, at::Device device)
      : device_(device),
        classes_(architecture.classes),
        rates_{config.lr, config.beta1},
        amp_(known(resolve_amp(config.amp, ability_of(device)))),
        model_(architecture, 1, device),
        optimizer_(known(find_optimizer(config.optimizer)), config, model_.parameters()),
        scaler_(amp_, device),
        step_(model_, optimizer_, scaler_,
              {.device = device, .amp = amp_, .label_smoothing = config.label_smoothing}),
        loss_sum_(at::zeros({}, at::TensorOptions(device).dtype(at::kDouble))),
        correct_sum_(at::zeros({}, at::TensorOptions(device).dtype(at::kLong))) {}

  void show(std::int64_t images) {
    batch_.images = made_up_images(images, device_);
    batch_.labels =
        at::zeros({images}, at::TensorOptions(device_).dtype(at::kLong)).random_(0, classes_);
  }
  void step() {
    step_.repeat([this] { return batch_; }, rates_, 1, loss_sum_, correct_sum_);
  }
  // The two halves of a step.
  void pass() {
    optimizer_.zero_grad();
    step_.leave_gradients(batch_, 1, loss_sum_, correct_sum_);
  }
  void update() { optimizer_.step(rates_, scaler_); }

  const Model& model() const { return model_; }
  Amp amp() const { return amp_; }

 private:
  at::Device device_;
  std::int64_t classes_;
  Rates rates_;
  Amp amp_;
  Model model_;
  Optimizer optimizer_;
  LossScaler scaler_;
  TrainStep step_;
  Batch batch_;
  at::Tensor loss_sum_, correct_sum_;
};

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

// Seconds of the call by compute_seconds.
template <class Call>
double time_of(int threads, Call call) {
  const double begin = compute_seconds(threads);
  call();
  return compute_seconds(threads) - begin;
}

// Passes over one batch size: the shortest tells what a pass takes where nothing disturbs it.
struct BatchTime {
  PassTime pass;
  double first = 0;  // seconds by which the first one was longer: kernels and buffers are made
};

BatchTime time_batch(StepRunner& runner, int threads, std::int64_t images) {
  runner.show(images);
  const double first = time_of(threads, [&] { runner.pass(); });
  const double second = time_of(threads, [&] { runner.pass(); });
  return {{images, second}, std::max(0.0, first - second)};
}

// The batch to measure after `known`, as large as `left` seconds allow; nullopt where they allow
// none.
std::optional<std::int64_t> larger_batch(const BatchTime& known, std::int64_t wanted, double left) {
  for (std::int64_t growth = kProbeGrowth; growth >= kProbeLeastGrowth; growth /= 2) {
    const std::int64_t images = std::min(known.pass.images * growth, wanted);
    if (images <= known.pass.images) return std::nullopt;
    const double pass =
        known.pass.seconds * static_cast<double>(images) / static_cast<double>(known.pass.images);
    if (known.first + 2 * pass <= left) return images;
  }
  return std::nullopt;
}

// On the CPU: seconds of one step of the config's batch.
double probe_cpu_step(StepRunner& runner, const ProbeOrder& order, Clock::time_point begin) {
  const std::int64_t macs = cost_of(order.architecture).macs;
  const std::int64_t wanted = order.config.batch_size;
  const int threads = order.threads;
  const double first =
      kProbeFirstMacs / static_cast<double>(kPassesPerImage * std::max<std::int64_t>(macs, 1));
  BatchTime small;
  BatchTime large =
      time_batch(runner, threads,
                 std::min(std::max(kProbeFirstBatch, static_cast<std::int64_t>(first)), wanted));
  double update = time_of(threads, [&] { runner.update(); });
  while (const auto images = larger_batch(large, wanted, order.seconds - seconds_since(begin))) {
    small = large;
    large = time_batch(runner, threads, *images);
  }
  while (seconds_since(begin) + large.pass.seconds + update < order.seconds) {
    large.pass.seconds = std::min(large.pass.seconds, time_of(threads, [&] { runner.pass(); }));
    update = std::min(update, time_of(threads, [&] { runner.update(); }));
  }
  return pass_seconds(small.pass, large.pass, wanted) + update;
}

double probe_gpu_step(StepRunner& runner, std::int64_t wanted, at::Device device,
                      Clock::time_point begin, double seconds) {
  runner.show(wanted);
  for (int i = 0; i < kProbeGpuWarmUps; ++i) runner.step();
  synchronize(device);
  const Clock::time_point measured = Clock::now();
  std::int64_t steps = 0;
  do {
    runner.step();
    synchronize(device);
    ++steps;
  } while (seconds_since(begin) < seconds);
  return seconds_since(measured) / static_cast<double>(steps);
}

// Images a second of one slot.
double probe_slot(const ProbeOrder& order, at::Device device, Clock::time_point begin) {
  at::set_num_threads(order.threads);  // OpenMP's number is each thread's own
  const c10::StreamGuard current(training_stream(device));
  StepRunner runner(order.architecture, order.config, device);
  const std::int64_t batch = order.config.batch_size;
  const double step = device.is_cpu() ? probe_cpu_step(runner, order, begin)
                                      : probe_gpu_step(runner, batch, device, begin, order.seconds);
  return static_cast<double>(batch) / step;
}

}  // namespace

Speed measure_speed(const SpeedOrder& order, const std::function<void()>& ready) {
  const at::Device device = opened(order.device);
  const c10::StreamGuard current(training_stream(device));
  const TrialConfig& recipe = *find_preset("default");
  set_deterministic(recipe.deterministic);
  StepRunner runner(order.architecture, recipe, device);
  runner.show(order.batch_size);
  runner.step();
  synchronize(device);
  if (ready) ready();
  const Clock::time_point begin = Clock::now();
  std::int64_t images = 0;
  double passed = 0;
  do {
    for (std::int64_t i = 0; i < (device.is_cpu() ? 1 : kTimedSteps); ++i) {
      runner.step();
      images += order.batch_size;
    }
    synchronize(device);
    passed = seconds_since(begin);
  } while (passed < order.seconds);

  Speed speed;
  speed.train_images_per_s = static_cast<double>(images) / passed;
  speed.model_bytes = runner.model().bytes();
  speed.peak_memory_bytes = peak_memory_bytes(device);
  if (order.latency) measure_latency(runner.model(), device, runner.amp(), speed);
  return speed;
}

double pass_seconds(const PassTime& small, const PassTime& large, std::int64_t images) {
  const double mean = large.seconds / static_cast<double>(large.images);
  if (small.images <= 0) return mean * static_cast<double>(images);
  const double slope =
      (large.seconds - small.seconds) / static_cast<double>(large.images - small.images);
  return large.seconds + std::clamp(slope, kProbeLeastSlope * mean, mean) *
                             static_cast<double>(images - large.images);
}

double probe_speed(const ProbeOrder& order) {
  const at::Device device = opened(order.device);
  set_deterministic(order.config.deterministic);
  const Clock::time_point begin = Clock::now();
  const auto slots = static_cast<std::size_t>(std::max(order.slots, 1));
  std::vector<double> rates(slots);
  std::vector<std::exception_ptr> failures(slots);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < slots; ++i) {
      threads.emplace_back([&, i] {
        try {
          rates[i] = probe_slot(order, device, begin);
        } catch (...) {
          failures[i] = std::current_exception();
        }
      });
    }
  }
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
  return std::accumulate(rates.begin(), rates.end(), 0.0) / static_cast<double>(slots);
}

}  // namespace firesweep
