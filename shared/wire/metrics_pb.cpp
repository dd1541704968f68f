#include "shared/wire/metrics_pb.h"

#include <cmath>

namespace firesweep {
namespace {

// An optional measurement that is not a number travels as absent.
std::optional<double> present(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? value : std::nullopt;
}

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
  const Checker::Scope place(check, "live");
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
  if (const auto value = present(metrics.val_accuracy)) {
    out.set_val_accuracy(clean_fraction(*value));
  }
  if (const auto value = present(metrics.val_top5)) out.set_val_top5(clean_fraction(*value));
  if (const auto value = present(metrics.test_accuracy)) {
    out.set_test_accuracy(clean_fraction(*value));
  }
  out.set_lr(clean_number(metrics.lr));
  out.set_seconds(clean_rate(metrics.seconds));
  out.set_images_per_s(clean_rate(metrics.images_per_s));
}

void read(const pb::EpochMetrics& in, EpochMetrics& metrics, Checker& check) {
  const Checker::Scope place(check, "progressed");
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

}  // namespace firesweep
