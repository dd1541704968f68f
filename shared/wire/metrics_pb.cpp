#include "shared/wire/metrics_pb.h"

#include <cmath>

namespace firesweep {
namespace {

// An optional measurement that is not a number travels as absent.
bool present(const std::optional<double>& value) { return value && std::isfinite(*value); }

}  // namespace

void write(const LiveProgress& live, pb::LiveProgress& out) {
  out.set_epoch(live.epoch);
  out.set_epochs(live.epochs);
  out.set_batch(live.batch);
  out.set_batches(live.batches);
  out.set_images_per_s(clean_rate(live.images_per_s));
  out.set_loss(clean_loss(live.loss));
  out.set_accuracy(clean_fraction(live.accuracy));
}

void read(const pb::LiveProgress& in, LiveProgress& live, Checker& check) {
  const Checker::Place place(check, "live");
  live.epoch = check.whole("epoch", in.epoch(), kMaxCount);
  live.epochs = check.whole("epochs", in.epochs(), kMaxCount);
  live.batch = check.whole("batch", in.batch(), kMaxCount);
  live.batches = check.whole("batches", in.batches(), kMaxCount);
  live.images_per_s = check.not_negative("images_per_s", in.images_per_s());
  live.loss = check.finite("loss", in.loss());
  live.accuracy = check.fraction("accuracy", in.accuracy());
}

void write(const EpochMetrics& metrics, pb::EpochMetrics& out) {
  out.set_epoch(metrics.epoch);
  out.set_train_loss(clean_loss(metrics.train_loss));
  out.set_train_accuracy(clean_fraction(metrics.train_accuracy));
  if (metrics.val_loss) out.set_val_loss(clean_loss(*metrics.val_loss));
  if (present(metrics.val_accuracy)) out.set_val_accuracy(clean_fraction(*metrics.val_accuracy));
  if (present(metrics.val_top5)) out.set_val_top5(clean_fraction(*metrics.val_top5));
  if (present(metrics.test_accuracy)) out.set_test_accuracy(clean_fraction(*metrics.test_accuracy));
  out.set_lr(clean_number(metrics.lr));
  out.set_seconds(clean_rate(metrics.seconds));
  out.set_images_per_s(clean_rate(metrics.images_per_s));
}

void read(const pb::EpochMetrics& in, EpochMetrics& metrics, Checker& check) {
  const Checker::Place place(check, "progressed");
  metrics.epoch = check.whole("epoch", in.epoch(), kMaxCount);
  metrics.train_loss = check.finite("train_loss", in.train_loss());
  metrics.train_accuracy = check.fraction("train_accuracy", in.train_accuracy());
  if (in.has_val_loss()) metrics.val_loss = check.finite("val_loss", in.val_loss());
  if (in.has_val_accuracy()) {
    metrics.val_accuracy = check.fraction("val_accuracy", in.val_accuracy());
  }
  if (in.has_val_top5()) metrics.val_top5 = check.fraction("val_top5", in.val_top5());
  if (in.has_test_accuracy()) {
    metrics.test_accuracy = check.fraction("test_accuracy", in.test_accuracy());
  }
  metrics.lr = check.finite("lr", in.lr());
  metrics.seconds = check.not_negative("seconds", in.seconds());
  metrics.images_per_s = check.not_negative("images_per_s", in.images_per_s());
}

void write(const TrialResult& result, pb::TrialResult& out) {
  if (present(result.val_accuracy)) out.set_val_accuracy(clean_fraction(*result.val_accuracy));
  if (result.val_loss) out.set_val_loss(clean_loss(*result.val_loss));
  if (present(result.val_top5)) out.set_val_top5(clean_fraction(*result.val_top5));
  if (present(result.best_val_accuracy)) {
    out.set_best_val_accuracy(clean_fraction(*result.best_val_accuracy));
  }
  out.set_best_epoch(result.best_epoch);
  out.set_selected_epoch(result.selected_epoch);
  out.set_test_accuracy(clean_fraction(result.test_accuracy));
  out.set_test_loss(clean_loss(result.test_loss));
  out.set_test_top5(clean_fraction(result.test_top5));
  if (present(result.test_accuracy_flip)) {
    out.set_test_accuracy_flip(clean_fraction(*result.test_accuracy_flip));
  }
  out.set_train_loss(clean_loss(result.train_loss));
  out.set_epochs(result.epochs);
  out.set_params(result.params);
  out.set_macs(result.macs);
  out.set_train_macs(result.train_macs);
  out.set_model_bytes(result.model_bytes);
  out.set_train_seconds(clean_rate(result.train_seconds));
  out.set_images_per_s(clean_rate(result.images_per_s));
  out.set_peak_memory_bytes(result.peak_memory_bytes);
  out.set_device(clean_name(result.device));
  out.set_numeric_class(clean_name(result.numeric_class));
  out.set_torch_version(clean_name(result.torch_version));
  out.set_build_commit(clean_name(result.build_commit));
  out.set_amp(clean_name(result.amp));
  out.set_resume_exact(result.resume_exact);
  out.set_val_correct(clean_bitmap(result.val_correct));
  out.set_test_correct(clean_bitmap(result.test_correct));
}

void read(const pb::TrialResult& in, TrialResult& result, Checker& check) {
  const Checker::Place place(check, "finished");
  if (in.has_val_accuracy()) {
    result.val_accuracy = check.fraction("val_accuracy", in.val_accuracy());
  }
  if (in.has_val_loss()) result.val_loss = check.finite("val_loss", in.val_loss());
  if (in.has_val_top5()) result.val_top5 = check.fraction("val_top5", in.val_top5());
  if (in.has_best_val_accuracy()) {
    result.best_val_accuracy = check.fraction("best_val_accuracy", in.best_val_accuracy());
  }
  result.best_epoch = check.whole("best_epoch", in.best_epoch(), kMaxCount);
  result.selected_epoch = check.whole("selected_epoch", in.selected_epoch(), kMaxCount);
  result.test_accuracy = check.fraction("test_accuracy", in.test_accuracy());
  result.test_loss = check.finite("test_loss", in.test_loss());
  result.test_top5 = check.fraction("test_top5", in.test_top5());
  if (in.has_test_accuracy_flip()) {
    result.test_accuracy_flip = check.fraction("test_accuracy_flip", in.test_accuracy_flip());
  }
  result.train_loss = check.finite("train_loss", in.train_loss());
  result.epochs = check.whole("epochs", in.epochs(), kMaxCount);
  result.params = check.whole("params", in.params());
  result.macs = check.whole("macs", in.macs());
  result.train_macs = check.whole("train_macs", in.train_macs());
  result.model_bytes = check.whole("model_bytes", in.model_bytes());
  result.train_seconds = check.not_negative("train_seconds", in.train_seconds());
  result.images_per_s = check.not_negative("images_per_s", in.images_per_s());
  result.peak_memory_bytes = check.whole("peak_memory_bytes", in.peak_memory_bytes());
  result.device = check.name("device", in.device());
  result.numeric_class = check.name("numeric_class", in.numeric_class());
  result.torch_version = check.name("torch_version", in.torch_version());
  result.build_commit = check.name("build_commit", in.build_commit());
  result.amp = check.name("amp", in.amp());
  result.resume_exact = in.resume_exact();
  const std::string& val_correct = check.bitmap("val_correct", in.val_correct());
  result.val_correct.assign(val_correct.begin(), val_correct.end());
  const std::string& test_correct = check.bitmap("test_correct", in.test_correct());
  result.test_correct.assign(test_correct.begin(), test_correct.end());
}

}  // namespace firesweep
