// The part of a training step that a GPU records: the same code runs on the CPU without a
// recording.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <ATen/record_function.h>
#include <c10/core/StreamGuard.h>
#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <string>

#include "tests/worker/training/synthetic.h"
#include "worker/training/device.h"
#include "worker/training/train_step.h"
#include "worker/training/trainer.h"

namespace firesweep {
namespace {

constexpr std::int64_t kBatch = 16;

// Steps over one epoch's plan, each batch taken by a cursor that lies on the device.
class Steps {
 public:
  Steps(at::Device device, Amp amp, bool record, OptimizerKind optimizer = OptimizerKind::kAdamW,
        AugmentSettings augment = Augmentation::kCropFlipJitter)
      : data_(synthetic_dataset(160, 8, 4)),
        images_(data_, Subset::kTrain, kCropPadding, device),
        model_(small_architecture(4), 1, device),
        optimizer_(optimizer, clipping(), model_.parameters()),
        scaler_(amp, device),
        step_(model_, optimizer_, scaler_,
              {.device = device, .amp = amp, .label_smoothing = 0.1, .record = record}),
        rows_(at::arange(kBatch, at::TensorOptions(device).dtype(at::kLong))),
        loss_sum_(at::zeros({}, at::TensorOptions(device).dtype(at::kDouble))),
        correct_sum_(at::zeros({}, at::TensorOptions(device).dtype(at::kLong))) {
    std::vector<std::int64_t> samples(160);
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<std::int64_t>(i);
    augment.batch_size = kBatch;
    plan_ = images_.augmented(samples, augment, 7, 1);
    next_ = [this] {
      Batch batch = images_.batch(plan_.at_rows(rows_), 0, kBatch);
      rows_.add_(kBatch);
      return batch;
    };
  }

  void repeat(std::uint64_t seed) { step_.repeat(next_, kRates, seed, loss_sum_, correct_sum_); }
  void run(std::uint64_t seed) {
    step_.run(images_.batch(plan_, place_, kBatch), kRates, seed, loss_sum_, correct_sum_);
  }
  // What a GPU records: all of a step but the optimizer.
  void run_recorded_part() {
    step_.leave_gradients(next_(), 1, loss_sum_, correct_sum_);
    optimizer_.prepare(scaler_);
  }
  void skip_to(std::int64_t place) { place_ = place; }

  double loss_sum() const { return loss_sum_.item<double>(); }
  const TrainStep& step() const { return step_; }
  NamedTensors state() const { return model_.state(); }

 private:
  static constexpr Rates kRates{.lr = 1e-3, .momentum = 0.9};
  static TrialConfig clipping() {
    TrialConfig config;
    config.grad_clip = 1;
    return config;
  }

  Dataset data_;
  DeviceImages images_;
  Model model_;
  Optimizer optimizer_;
  LossScaler scaler_;
  TrainStep step_;
  EpochPlan plan_;
  at::Tensor rows_;
  at::Tensor loss_sum_, correct_sum_;
  TrainStep::NextBatch next_;
  std::int64_t place_ = 0;
};

// Every kind of augmentation at once.
AugmentSettings everything() {
  AugmentSettings augment = Augmentation::kCropFlipJitter;
  augment.trivial = true;
  augment.cutout = 8;
  augment.mix = {.mixup_alpha = 0.5, .cutmix_alpha = 1};
  return augment;
}

void expect_equal_states(const NamedTensors& a, const NamedTensors& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_TRUE(at::equal(a[i].tensor, b[i].tensor)) << a[i].name;
}

TEST(RecordedStep, ACursorOnTheDeviceShowsTheBatchesThatAPlaceShows) {
  Steps by_cursor(at::kCPU, Amp::kOff, true, OptimizerKind::kMuon, everything());
  Steps by_place(at::kCPU, Amp::kOff, true, OptimizerKind::kMuon, everything());
  for (std::int64_t i = 0; i < 6; ++i) {
    by_cursor.repeat(static_cast<std::uint64_t>(i));
    by_place.skip_to(i * kBatch);
    by_place.run(static_cast<std::uint64_t>(i));
    EXPECT_EQ(by_cursor.loss_sum(), by_place.loss_sum()) << i;
  }
  expect_equal_states(by_cursor.state(), by_place.state());
}

TEST(RecordedStep, AnotherEpochsPlanIsTakenOverInPlace) {
  const Dataset data = synthetic_dataset(40, 8, 4);
  const DeviceImages images(data, Subset::kTrain, kCropPadding, at::kCPU);
  const std::vector<std::int64_t> samples = {5, 0, 39, 17};
  EpochPlan shown = images.augmented(samples, Augmentation::kCropFlipJitter, 7, 1);
  const EpochPlan shares_it = shown;
  const EpochPlan next = images.augmented(samples, Augmentation::kCropFlipJitter, 7, 2);
  shown.overwrite(next);
  EXPECT_TRUE(at::equal(images.batch(shares_it, 0, 4).images, images.batch(next, 0, 4).images));
}

// Operators called on any thread while it lives. One at a time.
class CalledOperators {
 public:
  CalledOperators() {
    names().clear();
    handle_ = at::addGlobalCallback(
        at::RecordFunctionCallback([](const at::RecordFunction& called)
                                       -> std::unique_ptr<at::ObserverContext> {
          static std::mutex mutex;
          const std::lock_guard lock(mutex);
          names().insert(called.name());
          return nullptr;
        }).scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}));
  }
  CalledOperators(const CalledOperators&) = delete;
  CalledOperators& operator=(const CalledOperators&) = delete;
  ~CalledOperators() { at::removeCallback(handle_); }

  bool contains(const std::string& name) const { return names().contains(name); }

 private:
  static std::set<std::string>& names() {
    static std::set<std::string> called;
    return called;
  }
  at::CallbackHandle handle_;
};

TEST(RecordedStep, NothingIsReadFromTheDeviceAndNoShapeDependsOnValues) {
  // Autocast, as on a GPU.
  Steps steps(at::kCPU, Amp::kBf16, true, OptimizerKind::kMuon, everything());
  steps.repeat(1);
  const CalledOperators called;
  steps.run_recorded_part();
  ASSERT_TRUE(called.contains("aten::convolution")) << "nothing was observed";
  ASSERT_TRUE(called.contains("aten::convolution_backward"));
  for (const char* const name :
       {"aten::_local_scalar_dense", "aten::item", "aten::is_nonzero", "aten::nonzero",
        "aten::masked_select", "aten::unique_consecutive", "aten::_unique2", "aten::bincount",
        "aten::repeat_interleave", "aten::equal", "aten::scalar_tensor"})
    EXPECT_FALSE(called.contains(name)) << name;
}

TEST(RecordedStep, OperatorsThatReadAreSeen) {
  const CalledOperators called;
  EXPECT_EQ(at::zeros({}, at::kLong).item<std::int64_t>(), 0);
  EXPECT_TRUE(called.contains("aten::_local_scalar_dense"));
}

TEST(RecordedStep, AGpusReplaysGiveTheBitsOfOrdinarySteps) {
  const auto device = open_device("cuda:0");
  if (!device || !can_record(*device)) GTEST_SKIP() << "needs a GPU, and a build with CUDA headers";
  const c10::StreamGuard current(training_stream(*device));
  set_deterministic(true);
  for (const Amp amp : {Amp::kOff, Amp::kBf16, Amp::kFp16}) {
    SCOPED_TRACE(to_string(amp));
    Steps recorded(*device, amp, true, OptimizerKind::kMuon, everything());
    Steps ordinary(*device, amp, false, OptimizerKind::kMuon, everything());
    for (std::uint64_t i = 0; i < 9; ++i) {
      recorded.repeat(i);
      ordinary.repeat(i);
    }
    EXPECT_TRUE(recorded.step().recorded()) << recorded.step().record_refusal();
    EXPECT_FALSE(ordinary.step().recorded());
    expect_equal_states(recorded.state(), ordinary.state());
  }
  set_deterministic(false);
}

}  // namespace
}  // namespace firesweep
