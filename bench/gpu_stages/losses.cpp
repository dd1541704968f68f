// The same training on the device as on the CPU: losses of the first steps in single precision, and
// in mixed precision beside single precision on the device.
#include <ATen/Context.h>
#include <ATen/DeviceGuard.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <numeric>
#include <stdexcept>

#include "bench/gpu_stages/made_up.h"
#include "bench/gpu_stages/parts.h"
#include "bench/report.h"
#include "worker/training/device.h"
#include "worker/training/train_step.h"

namespace firesweep::bench {
namespace {

struct LossRun {
  std::string variant;
  std::int64_t steps = 50;
  std::int64_t batch = 64;
};

// The loss of each step. SGD, whose steps grow with the gradient: Adam's first steps have one size,
// and would blow up what differs in the last bit. Without dropout, whose draws differ by device.
std::vector<double> losses(const LossRun& run, const Dataset& dataset, at::Device device, Amp amp) {
  const c10::DeviceGuard current(device);
  TrialConfig config;
  config.optimizer = "sgd";
  config.weight_decay = 5e-4;
  const DeviceImages images(dataset, Subset::kTrain, kCropPadding, device);
  std::vector<std::int64_t> order(static_cast<std::size_t>(run.steps * run.batch));
  std::iota(order.begin(), order.end(), 0);
  const EpochPlan plan = images.augmented(order, Augmentation::kCropFlip, 1, 1);
  const Model model(architecture(run.variant, /*dropout=*/0), 1, device);
  Optimizer optimizer(OptimizerKind::kSgd, config, model.parameters());
  LossScaler scaler(amp, device);
  TrainStep step(model, optimizer, scaler, {.device = device, .amp = amp, .label_smoothing = 0.1});
  const at::Tensor loss = at::zeros({}, at::TensorOptions(device).dtype(at::kDouble));
  const at::Tensor correct = at::zeros({}, at::TensorOptions(device).dtype(at::kLong));
  std::vector<double> found;
  for (std::int64_t i = 0; i < run.steps; ++i) {
    loss.zero_();
    step.run(images.batch(plan, i * run.batch, run.batch), {.lr = 0.02, .momentum = 0.9}, 1, loss,
             correct);
    found.push_back(loss.item<double>() / static_cast<double>(run.batch));
  }
  return found;
}

double mean_of_end(const std::vector<double>& values) {
  const std::size_t many = std::min<std::size_t>(10, values.size());
  return std::accumulate(values.end() - static_cast<std::ptrdiff_t>(many), values.end(), 0.0) /
         static_cast<double>(many);
}

// The greatest difference within the first `steps` losses, as a part of the loss.
double difference(const std::vector<double>& a, const std::vector<double>& b, std::size_t steps) {
  double greatest = 0;
  for (std::size_t i = 0; i < std::min(steps, a.size()); ++i)
    greatest = std::max(greatest, std::abs(a[i] - b[i]) / std::abs(b[i]));
  return greatest;
}

void compare(const Task& task, const std::string& what, const LossRun& run,
             const std::vector<double>& found, const std::vector<double>& beside) {
  const auto rounded = [](const std::vector<double>& values) {
    Facts list = Facts::array();
    for (const double value : values) list.push_back(std::round(value * 1e6) / 1e6);
    return list;
  };
  tell(task, what,
       {{"variant", run.variant},
        {"images", kind_of_images(task)},
        {"steps", run.steps},
        {"batch", run.batch},
        {"first", found.front()},
        {"last_10", mean_of_end(found)},
        {"beside_last_10", mean_of_end(beside)},
        {"differs_step_1", difference(found, beside, 1)},
        {"differs_10_steps", difference(found, beside, 10)},
        {"differs_all", difference(found, beside, found.size())},
        {"losses", rounded(found)},
        {"beside", rounded(beside)}});
}

// Single precision as written, not TF32, for the life of the object.
class ExactFloats {
 public:
  ExactFloats() {
    at::globalContext().setAllowTF32CuDNN(false);
    at::globalContext().setAllowTF32CuBLAS(false);
  }
  ExactFloats(const ExactFloats&) = delete;
  ~ExactFloats() {
    at::globalContext().setAllowTF32CuDNN(cudnn_);
    at::globalContext().setAllowTF32CuBLAS(cublas_);
  }

 private:
  bool cudnn_ = at::globalContext().allowTF32CuDNN();
  bool cublas_ = at::globalContext().allowTF32CuBLAS();
};

}  // namespace

void measure_losses(const Task& task) {
  const auto device = open_device(task.options.device);
  if (!device) throw std::runtime_error(to_string(device.error()));
  const std::vector<std::string> variants =
      task.options.small ? std::vector<std::string>{"v3"} : std::vector<std::string>{"v3", "v5"};
  Expectations expectations;
  for (const std::string& variant : variants) {
    LossRun run{.variant = variant};
    if (task.options.small) run.steps = 10, run.batch = 16;
    const Dataset dataset = images_for(task, run.steps * run.batch, 100);
    const std::vector<double> cpu = losses(run, dataset, at::kCPU, Amp::kOff);
    std::vector<double> exact;
    {
      const ExactFloats exact_floats;
      exact = losses(run, dataset, *device, Amp::kOff);
    }
    compare(task, "float32 beside the CPU", run, exact, cpu);
    expectations.expect(difference(exact, cpu, 10) < 1e-3,
                        variant + "'s first 10 losses within 0.1 % of the CPU's");
    if (device->is_cuda()) {
      compare(task, "as LibTorch comes (TF32) beside the CPU", run,
              losses(run, dataset, *device, Amp::kOff), cpu);
    }
    for (const Amp amp : {Amp::kBf16, Amp::kFp16}) {
      if (!resolve_amp(to_string(amp), ability_of(*device))) continue;
      const std::vector<double> mixed = losses(run, dataset, *device, amp);
      compare(task, to_string(amp) + " beside float32", run, mixed, exact);
      expectations.expect(difference(mixed, exact, 10) < 0.1,
                          variant + "'s first 10 losses in " + to_string(amp) + " within 10 %");
    }
  }
  expectations.check();
}

}  // namespace firesweep::bench
