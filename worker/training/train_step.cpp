#include "worker/training/train_step.h"

#include <ATen/core/Reduction.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/where.h>
#include <c10/util/Exception.h>

#include <algorithm>

#include "worker/training/device.h"

namespace firesweep {
namespace {

// Ordinary runs before a recording: cuDNN tries its algorithms out in the first, and the allocator
// settles.
constexpr int kRunsBeforeRecording = 3;

// The mean over the images; `share` undefined where none is mixed.
at::Tensor loss_of(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& other,
                   const at::Tensor& share, double smoothing) {
  if (!share.defined())
    return at::cross_entropy_loss(logits, labels, {}, at::Reduction::Mean, -100, smoothing);
  const auto each = [&](const at::Tensor& of) {
    return at::cross_entropy_loss(logits, of, {}, at::Reduction::None, -100, smoothing);
  };
  return at::lerp(each(labels), each(other), share).mean();
}

}  // namespace

std::optional<std::int64_t> micro_batches_after_oom(std::int64_t count, std::int64_t batch_size) {
  if (count == 1) return 1;
  std::int64_t micro_batches = 2;
  for (std::int64_t i = 2; i < count; ++i) {
    if (micro_batches >= batch_size) return std::nullopt;
    micro_batches *= 2;
  }
  return batch_size > 1 ? std::optional(std::min(micro_batches, batch_size)) : std::nullopt;
}

TrainStep::TrainStep(const Model& model, Optimizer& optimizer, LossScaler& scaler,
                     const Settings& settings)
    : model_(model), optimizer_(optimizer), scaler_(scaler), settings_(settings) {
  for (const NamedTensor& parameter : model.parameters())
    if (parameter.tensor.requires_grad()) learned_.push_back(parameter.tensor);
}

void TrainStep::leave_gradients(const Batch& batch, std::uint64_t dropout_seed,
                                const at::Tensor& loss_sum, const at::Tensor& correct_sum) {
  seed_generator(settings_.device, dropout_seed);
  add_gradients(batch, loss_sum, correct_sum);
}

void TrainStep::add_gradients(const Batch& batch, const at::Tensor& loss_sum,
                              const at::Tensor& correct_sum) {
  const std::int64_t images = batch.labels.size(0);
  const bool mixed = batch.share.defined();
  const std::int64_t micro_batches = std::min(settings_.micro_batches, images);
  for (std::int64_t i = 0; i < micro_batches; ++i) {
    const std::int64_t begin = images * i / micro_batches;
    const std::int64_t count = images * (i + 1) / micro_batches - begin;
    const at::Tensor labels = batch.labels.narrow(0, begin, count);
    const at::Tensor other = mixed ? batch.other_labels.narrow(0, begin, count) : at::Tensor();
    const at::Tensor share = mixed ? batch.share.narrow(0, begin, count) : at::Tensor();
    at::Tensor logits, loss;
    {
      const AutocastScope autocast(settings_.device.type(), settings_.amp);
      logits =
          model_.forward(batch.images.narrow(0, begin, count), /*training=*/true).to(at::kFloat);
      loss = loss_of(logits, labels, other, share, settings_.label_smoothing);
    }
    // The mean of a micro-batch is weighted by its share of the batch.
    const double weight = static_cast<double>(count) / static_cast<double>(images);
    scaler_.scaled(micro_batches > 1 ? loss.mul(weight) : loss).backward();
    const at::NoGradGuard no_grad;
    loss_sum.add_(loss.detach().to(at::kDouble), count);
    const at::Tensor right = mixed ? at::where(share.gt(0.5), other, labels) : labels;
    correct_sum.add_(at::argmax(logits.detach(), 1).eq(right).sum());
  }
}

void TrainStep::run(const Batch& batch, const Rates& rates, std::uint64_t dropout_seed,
                    const at::Tensor& loss_sum, const at::Tensor& correct_sum) {
  optimizer_.zero_grad();
  leave_gradients(batch, dropout_seed, loss_sum, correct_sum);
  optimizer_.step(rates, scaler_);
  optimizer_.zero_grad();
}

void TrainStep::repeat(const NextBatch& next, const Rates& rates, std::uint64_t dropout_seed,
                       const at::Tensor& loss_sum, const at::Tensor& correct_sum) {
  const auto work = [&] {
    add_gradients(next(), loss_sum, correct_sum);
    optimizer_.prepare(scaler_);
  };
  const bool may_record =
      settings_.record && record_refusal_.empty() && can_record(settings_.device);
  if (may_record && !graph_ && ordinary_runs_++ == kRunsBeforeRecording) record(work);
  seed_generator(settings_.device, dropout_seed);
  if (graph_) {
    for (std::size_t i = 0; i < learned_.size(); ++i)
      learned_[i].mutable_grad() = recorded_gradients_[i];
    graph_->replay();
  } else {
    work();
  }
  optimizer_.apply(rates, scaler_);
  if (!graph_) optimizer_.zero_grad();
}

void TrainStep::record(const std::function<void()>& work) {
  try {
    graph_.emplace(settings_.device, work);
    for (const at::Tensor& parameter : learned_) recorded_gradients_.push_back(parameter.grad());
  } catch (const c10::OutOfMemoryError&) {
    throw;
  } catch (const c10::Error& error) {
    graph_.reset();
    optimizer_.zero_grad();
    record_refusal_ = error.what_without_backtrace();
  }
}

}  // namespace firesweep
