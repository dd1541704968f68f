// Which operators that training uses have no deterministic kernel on the device, by name: LibTorch
// is told to warn of them instead of refusing, and the warnings are collected.
#include <ATen/Context.h>
#include <ATen/DeviceGuard.h>
#include <ATen/ops/zeros.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>

#include "bench/gpu_stages/made_up.h"
#include "bench/gpu_stages/parts.h"
#include "bench/report.h"
#include "worker/training/device.h"
#include "worker/training/evaluate.h"
#include "worker/training/train_step.h"

namespace firesweep::bench {
namespace {

constexpr double kToTell = 2;  // seconds at the part's end

// Keeps the first words of every warning: "adaptive_max_pool2d_backward_cuda". Safe from any
// thread.
class Collector : public c10::WarningHandler {
 public:
  void process(const c10::Warning& warning) override {
    const std::string& text = warning.msg();
    const std::lock_guard lock(mutex_);
    names_.insert(text.substr(0, std::min(text.find(" does not have a deterministic"),
                                          std::min(text.find('\n'), std::size_t{100}))));
  }
  std::string names() const {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const std::string& name : names_) text += (text.empty() ? "" : "; ") + name;
    return text.empty() ? "none" : text;
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string> names_;
};

// A step and an evaluation in the fullest recipe.
void train_a_little(const std::string& variant, const Dataset& dataset, at::Device device,
                    Amp amp) {
  constexpr std::int64_t kBatch = 16;
  const DeviceImages images(dataset, Subset::kTrain, kCropPadding, device);
  std::vector<std::int64_t> order(kBatch);
  std::iota(order.begin(), order.end(), 0);
  const EpochPlan plan = images.augmented(order, Augmentation::kCropFlipJitter, 1, 1);
  TrialConfig config;
  config.grad_clip = 1;
  const Model model(architecture(variant), 1, device);
  Optimizer optimizer(OptimizerKind::kAdamW, config, model.parameters());
  LossScaler scaler(amp, device);
  TrainStep step(model, optimizer, scaler, {.device = device, .amp = amp, .label_smoothing = 0.1});
  const at::Tensor loss = at::zeros({}, at::TensorOptions(device).dtype(at::kDouble));
  const at::Tensor correct = at::zeros({}, at::TensorOptions(device).dtype(at::kLong));
  step.run(images.batch(plan, 0, kBatch), {.lr = 1e-3, .momentum = 0.9}, 1, loss, correct);
  evaluate(model, images, order, View::kBothMirrored, amp, [] { return true; });
  synchronize(device);
}

struct Run {
  std::string variant, amp;
};

// v3 in every precision, then the networks with other layers in the one that is trained in most.
std::vector<Run> runs_of(const Task& task, const std::vector<std::string>& kinds) {
  std::vector<Run> runs;
  for (const std::string& kind : kinds) runs.push_back({"v3", kind});
  if (task.options.small) return runs;
  const bool bf16 = std::ranges::find(kinds, "bf16") != kinds.end();
  for (const char* const variant : {"v1", "v4", "resnet18", "mobilenetv2", "v2", "v5"})
    runs.push_back({variant, bf16 ? "bf16" : "off"});
  return runs;
}

}  // namespace

void measure_operators(const Task& task) {
  const auto device = open_device(task.options.device);
  if (!device) throw std::runtime_error(to_string(device.error()));
  const c10::DeviceGuard current(*device);
  const Dataset dataset = images_for(task, 640, 100);
  set_deterministic(true);
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/true);
  Collector all;
  Facts looked_at = Facts::array(), left_out = Facts::array();
  double longest = 0;
  for (const Run& run : runs_of(task, amp_kinds_of(ability_of(*device)))) {
    const std::string name = run.variant + " " + run.amp;
    if (task.seconds_left() < kToTell + longest) {
      left_out.push_back(name);
      continue;
    }
    const Clock::time_point begin = Clock::now();
    const c10::WarningUtils::WarningHandlerGuard guard(&all);
    train_a_little(run.variant, dataset, *device, *resolve_amp(run.amp, ability_of(*device)));
    longest = std::max(longest, std::chrono::duration<double>(Clock::now() - begin).count());
    looked_at.push_back(name);
  }
  tell(task, "without a deterministic kernel",
       {{"operators", all.names()},
        {"of", looked_at},
        {"no_time_for", left_out},
        {"longest_s", longest}});
}

}  // namespace firesweep::bench
