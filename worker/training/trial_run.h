// One trial from its first batch to its result: the training loop, selection, checkpoints and
// resumption. Knows neither sockets nor SQL; what it reports goes to the callbacks. The facade
// (trainer.h) turns what it throws into outcomes.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "worker/training/augment.h"
#include "worker/training/checkpoint.h"
#include "worker/training/evaluate.h"
#include "worker/training/model.h"
#include "worker/training/optim.h"
#include "worker/training/precision.h"
#include "worker/training/recipe.h"
#include "worker/training/train_step.h"
#include "worker/training/trainer.h"

namespace firesweep {

// Holds the device's memory for its life. One thread.
class TrialRun {
 public:
  // The references must outlive it. Throws c10::Error, c10::OutOfMemoryError or std::bad_alloc
  // if the device fails. `micro_batches` as in TrainStep::Settings; if it is above 1, the result's
  // numeric class says so. `checkpoint_epoch` is kept at the number of whole epochs in the newest
  // checkpoint.
  TrialRun(const TrainJob& job, const Dataset& dataset, const TrainLocation& place,
           const TrainCallbacks& callbacks, Recipe recipe, std::int64_t micro_batches,
           std::int64_t& checkpoint_epoch);

  // Resumes, trains, evaluates. Throws as the constructor does, and std::runtime_error where a
  // checkpoint cannot be written.
  TrainOutcome run();

 private:
  enum class End { kDone, kStopped, kNan };
  using Clock = std::chrono::steady_clock;

  void resume();
  std::optional<Checkpoint> begun_as() const;
  bool restore(Checkpoint& saved);
  void save();
  End train_epoch();
  void train_step(std::int64_t count);
  void show_epoch();
  bool read_sums();
  End finish_epoch();
  void select(const EpochMetrics& metrics, std::optional<Evaluation> validation);
  TrainOutcome finish();
  TrainOutcome stopped();
  TrainOutcome failed_by_nan() const;

  const Model& evaluated_model() const { return average_ ? average_->model() : model_; }
  std::optional<Evaluation> evaluate_here(const DeviceImages& images,
                                          std::span<const std::int64_t> samples, View view);
  const DeviceImages& test_images();
  bool stop_requested() const;
  void refresh_live();
  void report_unit();
  double seconds_since(Clock::time_point start) const;
  std::chrono::milliseconds since_saved() const;
  TrialResult make_result(const Evaluation& test) const;

  const TrainJob& job_;
  const TrialConfig& config_;
  const Dataset& dataset_;
  const TrainLocation& place_;
  const TrainCallbacks& callbacks_;
  const Recipe recipe_;
  std::int64_t& checkpoint_epoch_;
  const Clock::time_point started_ = Clock::now();
  const std::string numeric_class_;

  DeviceImages images_;
  std::unique_ptr<DeviceImages> test_;  // made when first looked at
  EpochPlan plan_;                      // of the running epoch
  at::Tensor rows_;  // [batch_size] int64: rows of plan_ that the next batch shows, on the device
  Model model_;
  std::optional<WeightAverage> average_;
  Optimizer optimizer_;
  LossScaler scaler_;
  TrainStep step_;
  TrainStep::NextBatch next_batch_;
  at::Tensor
      loss_sum_;  // [] double, on the device: the running epoch's; not finite ever after a NaN
  at::Tensor correct_sum_;  // [] int64, on the device

  Checkpoint state_;  // where the trial stands; its tensors are filled in only to be saved
  NamedTensors selected_state_;  // copies of the best epoch's weights, where recipe_.select_best
  Clock::time_point saved_at_ = started_;  // the newest checkpoint, or when this attempt began
  LiveProgress live_;                      // as of the last time the sums were read
  double train_seconds_before_ = 0;
};

}  // namespace firesweep
