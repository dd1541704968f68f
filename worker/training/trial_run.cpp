#include "worker/training/trial_run.h"

#include <ATen/Parallel.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "shared/domain/trial_work.h"
#include "worker/training/device.h"
#include "worker/training/random.h"
#include "worker/training/whitening.h"

namespace firesweep {
namespace {

// Batches between two looks at the loss on a device that works ahead of the host; the CPU does not.
constexpr std::int64_t kReadEvery = 16;

}  // namespace

TrialRun::TrialRun(const TrainJob& job, const Dataset& dataset, const TrainLocation& place,
                   const TrainCallbacks& callbacks, Recipe recipe, std::int64_t micro_batches,
                   std::int64_t& checkpoint_epoch)
    : job_(job),
      config_(job.config),
      dataset_(dataset),
      place_(place),
      callbacks_(callbacks),
      recipe_(std::move(recipe)),
      checkpoint_epoch_(checkpoint_epoch),
      numeric_class_(
          numeric_class(place.device, at::get_num_threads()) +
          (config_.deterministic ? ", deterministic" : "") +
          (micro_batches > 1 ? ", " + std::to_string(micro_batches) + " micro-batches" : "")),
      images_(dataset, Subset::kTrain, recipe_.augment.padding_needed(), recipe_.device,
              recipe_.pad_mode),
      model_(job.architecture, static_cast<std::uint64_t>(config_.seed), recipe_.device,
             recipe_.model),
      optimizer_(recipe_.optimizer, config_, model_.parameters()),
      scaler_(recipe_.amp, recipe_.device),
      step_(model_, optimizer_, scaler_,
            {.device = recipe_.device,
             .amp = recipe_.amp,
             .label_smoothing = config_.label_smoothing,
             .micro_batches = micro_batches}),
      loss_sum_(at::zeros({}, at::TensorOptions(recipe_.device).dtype(at::kDouble))),
      correct_sum_(at::zeros({}, at::TensorOptions(recipe_.device).dtype(at::kLong))) {
  next_batch_ = [this] {
    Batch batch = images_.batch(plan_.at_rows(rows_), 0, config_.batch_size);
    rows_.add_(config_.batch_size);
    return batch;
  };
  if (whitens_stem(recipe_.model.init)) {
    set_first_filters(
        model_, whitening_filters(dataset, recipe_.split.train, *image_stem(job.architecture)));
  }
  if (config_.ema_decay > 0)
    average_.emplace(model_, Model(job.architecture, 0, recipe_.device), config_.ema_decay);
  state_.config_hash = job.config_hash;
  state_.seed = config_.seed;
  state_.numeric_class = numeric_class_;
}

TrainOutcome TrialRun::run() {
  resume();
  if (callbacks_.started) callbacks_.started(state_.epoch);
  if (state_.last_epoch) {
    if (callbacks_.epoch) callbacks_.epoch(*state_.last_epoch);
    if (callbacks_.saved) callbacks_.saved(state_.epoch);
  }
  while (state_.epoch < config_.epochs) {
    for (const auto part : {&TrialRun::train_epoch, &TrialRun::finish_epoch}) {
      const End end = (this->*part)();
      if (end == End::kStopped) return stopped();
      if (end == End::kNan) return failed_by_nan();
    }
  }
  return finish();
}

// ---- training ----

// Brings the next epoch's plan and the place in it to the device.
void TrialRun::show_epoch() {
  const auto seed = static_cast<std::uint64_t>(config_.seed);
  const std::int64_t epoch = state_.epoch + 1;
  const auto order = epoch_order(seed, epoch, recipe_.split.train);
  const EpochPlan plan = images_.augmented(order, recipe_.augment, seed, epoch);
  const std::int64_t first = state_.batch * config_.batch_size;
  const at::Tensor rows = at::arange(first, first + config_.batch_size,
                                     at::TensorOptions(recipe_.device).dtype(at::kLong));
  if (plan_.size() == 0) {
    plan_ = plan;
    rows_ = rows;
  } else {
    plan_.overwrite(plan);
    rows_.copy_(rows);
  }
}

TrialRun::End TrialRun::train_epoch() {
  show_epoch();
  loss_sum_.fill_(state_.sums.loss);
  correct_sum_.fill_(state_.sums.correct);
  const double seconds_before = state_.sums.seconds;
  const Clock::time_point begin = Clock::now();
  while (state_.batch < recipe_.steps_per_epoch) {
    const std::int64_t first = state_.batch * config_.batch_size;
    const std::int64_t count = std::min(config_.batch_size, recipe_.images_per_epoch - first);
    train_step(count);
    ++state_.batch;
    state_.sums.images += count;
    const bool last = state_.batch == recipe_.steps_per_epoch;
    const bool stop = stop_requested();
    const bool due = !last && !stop && job_.checkpoint.due_amid(since_saved());
    if (last || stop || due || recipe_.device.is_cpu() || state_.batch % kReadEvery == 0) {
      const bool finite = read_sums();
      state_.sums.seconds = seconds_before + seconds_since(begin);
      if (!finite) return End::kNan;
      refresh_live();
    }
    report_unit();
    if (stop) return End::kStopped;
    if (!due) continue;
    save();
    if (callbacks_.saved) callbacks_.saved(state_.epoch);
  }
  return End::kDone;
}

void TrialRun::train_step(std::int64_t count) {
  const std::int64_t step = state_.epoch * recipe_.steps_per_epoch + state_.batch;
  const Rates rates = rates_at(recipe_.schedule, step);
  const std::uint64_t dropout_seed =
      draw_seed(static_cast<std::uint64_t>(config_.seed), Purpose::kDropout, 0, step);
  if (count == config_.batch_size) {
    const bool refused_before = !step_.record_refusal().empty();
    step_.repeat(next_batch_, rates, dropout_seed, loss_sum_, correct_sum_);
    if (!refused_before && !step_.record_refusal().empty() && callbacks_.warned) {
      callbacks_.warned("the training step cannot be recorded as a CUDA graph and runs slower: " +
                        step_.record_refusal());
    }
  } else {
    step_.run(images_.batch(plan_, state_.batch * config_.batch_size, count), rates, dropout_seed,
              loss_sum_, correct_sum_);
  }
  if (average_) average_->update();
}

// Brings the running epoch's sums to the host, waiting for the device. False where a loss was not a
// number.
bool TrialRun::read_sums() {
  state_.sums.loss = loss_sum_.item<double>();
  state_.sums.correct = correct_sum_.item<std::int64_t>();
  return std::isfinite(state_.sums.loss);
}

TrialRun::End TrialRun::finish_epoch() {
  const Clock::time_point begin = Clock::now();
  EpochMetrics metrics;
  std::optional<Evaluation> validation;
  if (!recipe_.split.validation.empty()) {
    validation = evaluate_here(images_, recipe_.split.validation, View::kAsIs);
    if (!validation) return End::kStopped;
    if (!std::isfinite(validation->loss)) return End::kNan;
    metrics.val_loss = validation->loss;
    metrics.val_accuracy = validation->accuracy;
    metrics.val_top5 = validation->top5;
  }
  if (recipe_.study) {
    const auto test = evaluate_here(test_images(), recipe_.test, View::kAsIs);
    if (!test) return End::kStopped;
    if (!std::isfinite(test->loss)) return End::kNan;
    metrics.test_accuracy = test->accuracy;
  }
  const EpochSums& sums = state_.sums;
  const auto images = static_cast<double>(sums.images);
  metrics.epoch = state_.epoch + 1;
  metrics.train_loss = sums.loss / images;
  metrics.train_accuracy = static_cast<double>(sums.correct) / images;
  metrics.lr = rates_at(recipe_.schedule, metrics.epoch * recipe_.steps_per_epoch - 1).lr;
  metrics.seconds = sums.seconds + seconds_since(begin);
  metrics.images_per_s = sums.seconds > 0 ? images / sums.seconds : 0;

  select(metrics, std::move(validation));
  state_.step_seconds += sums.seconds;
  state_.step_images += sums.images;
  state_.epoch = metrics.epoch;
  state_.batch = 0;
  state_.sums = {};
  state_.last_epoch = metrics;
  const bool due = job_.checkpoint.due_after(state_.epoch, config_.epochs, since_saved());
  if (due) save();
  if (callbacks_.epoch) callbacks_.epoch(metrics);
  if (due && callbacks_.saved) callbacks_.saved(state_.epoch);
  return End::kDone;
}

void TrialRun::select(const EpochMetrics& metrics, std::optional<Evaluation> validation) {
  const bool best =
      validation && (state_.best_epoch == 0 || validation->accuracy > state_.best_metric);
  if (best) {
    state_.best_metric = validation->accuracy;
    state_.best_epoch = metrics.epoch;
  }
  if (recipe_.select_best && !best) return;
  state_.selected_epoch = metrics.epoch;
  state_.selected = std::move(validation);
  if (!recipe_.select_best) return;
  selected_state_.clear();
  for (const NamedTensor& entry : evaluated_model().state())
    selected_state_.push_back({entry.name, entry.tensor.detach().clone()});
}

// ---- the end ----

TrainOutcome TrialRun::finish() {
  if (recipe_.select_best) {
    const bool copied = copy_state(selected_state_, evaluated_model().state());
    assert(copied);
    static_cast<void>(copied);
  }
  if (!place_.checkpoint_folder.empty()) {
    Checkpoint selected = state_;
    selected.train_seconds = train_seconds_before_ + seconds_since(started_);
    append_with_prefix(selected.tensors, "model", evaluated_model().state());
    const auto written =
        write_checkpoint(place_.checkpoint_folder / checkpoint_file("selected"), selected);
    if (!written) throw std::runtime_error(to_string(written.error()));
  }
  const auto test = evaluate_here(test_images(), recipe_.test, View::kAsIs);
  if (!test) return stopped();
  if (!std::isfinite(test->loss)) return failed_by_nan();
  TrialResult result = make_result(*test);
  if (recipe_.tta != View::kAsIs) {
    const auto views = evaluate_here(test_images(), recipe_.test, recipe_.tta);
    if (!views) return stopped();
    result.test_accuracy_flip = views->accuracy;
  }
  result.train_seconds = train_seconds_before_ + seconds_since(started_);
  result.peak_memory_bytes = peak_memory_bytes(recipe_.device);
  return TrainFinished{std::move(result)};
}

TrialResult TrialRun::make_result(const Evaluation& test) const {
  TrialResult result;
  if (state_.selected) {
    result.val_accuracy = state_.selected->accuracy;
    result.val_loss = state_.selected->loss;
    result.val_top5 = state_.selected->top5;
    result.val_correct = state_.selected->correct;
    result.best_val_accuracy = state_.best_metric;
    result.best_epoch = state_.best_epoch;
  }
  result.selected_epoch = state_.selected_epoch;
  result.test_accuracy = test.accuracy;
  result.test_loss = test.loss;
  result.test_top5 = test.top5;
  result.test_correct = test.correct;
  result.train_loss = state_.last_epoch ? state_.last_epoch->train_loss : 0;
  result.epochs = state_.epoch;
  result.params = model_.parameter_count();
  result.macs = cost_of(job_.architecture).macs;
  result.train_macs = training_macs(result.macs, recipe_.images_per_epoch, state_.epoch);
  result.model_bytes = model_.bytes();
  result.images_per_s =
      state_.step_seconds > 0 ? static_cast<double>(state_.step_images) / state_.step_seconds : 0;
  result.device = device_label(recipe_.device);
  result.numeric_class = numeric_class_;
  result.torch_version = torch_version();
  const auto source = find_source(dataset_.info().name);
  if (source && results_tell_content(**source)) result.dataset_content = dataset_.content();
  result.amp = to_string(recipe_.amp);
  result.resume_exact = state_.exact;
  return result;
}

TrainOutcome TrialRun::stopped() {
  if (state_.epoch < config_.epochs) save();
  return TrainStopped{checkpoint_epoch_};
}

TrainOutcome TrialRun::failed_by_nan() const {
  const std::string epoch = std::to_string(std::min(state_.epoch + 1, config_.epochs));
  const bool in_training = !std::isfinite(state_.sums.loss);
  return TrainFailed{Reason::kNan,
                     in_training ? "the training loss is not finite, seen at batch " +
                                       std::to_string(state_.batch) + " of epoch " + epoch
                                 : "the loss evaluated after epoch " + epoch + " is not finite",
                     checkpoint_epoch_};
}

// ---- checkpoints ----

void TrialRun::resume() {
  train_seconds_before_ = job_.train_seconds_before;
  if (place_.checkpoint_folder.empty()) return;
  const auto warn = [this](const std::string& text) {
    if (callbacks_.warned) callbacks_.warned(text);
  };
  auto saved = load_last_checkpoint(place_.checkpoint_folder, job_.config_hash, config_.seed, warn);
  if (!saved) saved = begun_as();
  if (!saved) return;
  if (!restore(*saved)) {
    warn(place_.checkpoint_folder.string() +
         ": the checkpoint does not fit the trial; it is not used");
    return;
  }
  train_seconds_before_ = std::max(train_seconds_before_, state_.train_seconds);
  checkpoint_epoch_ = state_.epoch;
}

// The furthest checkpoint of a shorter training. Folders may have others' files: no warning.
std::optional<Checkpoint> TrialRun::begun_as() const {
  std::optional<Checkpoint> furthest;
  for (const BegunAs& one : job_.begun_as) {
    auto saved =
        load_last_checkpoint(one.folder, one.config_hash, config_.seed, [](const std::string&) {});
    if (saved && (!furthest || saved->epoch > furthest->epoch)) furthest = std::move(saved);
  }
  return furthest;
}

// Takes over a checkpoint. False where it does not fit, with nothing changed.
bool TrialRun::restore(Checkpoint& saved) {
  const bool within = saved.epoch >= 0 && saved.epoch <= config_.epochs && saved.batch >= 0 &&
                      saved.batch <= recipe_.steps_per_epoch;
  NamedTensors live;
  append_with_prefix(live, "model", model_.state());
  append_with_prefix(live, "optimizer", optimizer_.state());
  append_with_prefix(live, "scaler", scaler_.state());
  if (average_) append_with_prefix(live, "average", average_->model().state());
  NamedTensors selected;
  if (recipe_.select_best && saved.selected_epoch > 0) {
    for (const NamedTensor& entry : evaluated_model().state())
      selected.push_back({entry.name, at::zeros_like(entry.tensor.detach())});
  }
  if (!within || !copy_state(part_of(saved.tensors, "selected"), selected) ||
      !copy_state(saved.tensors, live))
    return false;
  selected_state_ = std::move(selected);
  const bool exact = saved.exact && saved.numeric_class == numeric_class_;
  saved.tensors.clear();
  state_ = std::move(saved);
  state_.config_hash = job_.config_hash;
  state_.exact = exact;
  state_.numeric_class = numeric_class_;
  return true;
}

void TrialRun::save() {
  if (place_.checkpoint_folder.empty()) return;
  state_.train_seconds = train_seconds_before_ + seconds_since(started_);
  NamedTensors& tensors = state_.tensors;
  append_with_prefix(tensors, "model", model_.state());
  append_with_prefix(tensors, "optimizer", optimizer_.state());
  append_with_prefix(tensors, "scaler", scaler_.state());
  if (average_) append_with_prefix(tensors, "average", average_->model().state());
  append_with_prefix(tensors, "selected", selected_state_);
  const auto saved = save_last_checkpoint(place_.checkpoint_folder, state_);
  tensors.clear();
  if (!saved) throw std::runtime_error(to_string(saved.error()));
  checkpoint_epoch_ = state_.epoch;
  saved_at_ = Clock::now();
}

// ---- small things ----

std::chrono::milliseconds TrialRun::since_saved() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - saved_at_);
}

std::optional<Evaluation> TrialRun::evaluate_here(const DeviceImages& images,
                                                  std::span<const std::int64_t> samples,
                                                  View view) {
  return evaluate(evaluated_model(), images, samples, view, recipe_.amp, [this] {
    report_unit();
    return !stop_requested();
  });
}

const DeviceImages& TrialRun::test_images() {
  if (!test_) {
    const int padding = recipe_.tta == View::kMirroredAndShifted ? kShiftPadding : 0;
    test_ = std::make_unique<DeviceImages>(dataset_, Subset::kTest, padding, recipe_.device,
                                           PadMode::kReflect);
  }
  return *test_;
}

bool TrialRun::stop_requested() const {
  return callbacks_.stop_requested && callbacks_.stop_requested();
}

// What a person watches, from sums that have just been read.
void TrialRun::refresh_live() {
  const EpochSums& sums = state_.sums;
  if (sums.images == 0) return;
  live_.images_per_s = sums.seconds > 0 ? static_cast<double>(sums.images) / sums.seconds : 0;
  live_.loss = sums.loss / static_cast<double>(sums.images);
  live_.accuracy = static_cast<double>(sums.correct) / static_cast<double>(sums.images);
  if (!state_.last_epoch) return;
  const EpochMetrics& last = *state_.last_epoch;
  live_.accuracy = last.val_accuracy.value_or(last.test_accuracy.value_or(last.train_accuracy));
}

void TrialRun::report_unit() {
  if (!callbacks_.unit) return;
  const bool trained = state_.epoch == config_.epochs;
  live_.epoch = trained ? state_.epoch : state_.epoch + 1;
  live_.epochs = config_.epochs;
  live_.batch = trained ? recipe_.steps_per_epoch : state_.batch;
  live_.batches = recipe_.steps_per_epoch;
  callbacks_.unit(live_);
}

double TrialRun::seconds_since(Clock::time_point start) const {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace firesweep
