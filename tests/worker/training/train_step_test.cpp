#include "worker/training/train_step.h"

#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include "tests/worker/training/closed_form.h"

namespace firesweep {
namespace {

// No BatchNorm and no dropout: nothing in it looks at more than one image.
constexpr const char* kPerImage =
    R"({"format": 1, "name": "plain", "input": [3, 32, 32], "blocks": [
  {"conv": 6, "stride": 2}, {"act": "relu"}, {"conv": 8}, {"act": "relu"},
  "global_avg_pool", {"linear": "classes"}]})";

struct BatchOutput {
  std::vector<at::Tensor> gradients;
  double loss_sum = 0;
  std::int64_t correct = 0;
};

constexpr double kShare = 0.3;

// A batch of eleven; with `labels_ahead` mixed with a label so much larger by kShare.
Batch made_batch(std::int64_t labels_ahead) {
  Batch batch = {noise(7, {11, 3, 32, 32}, -1.7, 1.7).contiguous(at::MemoryFormat::ChannelsLast),
                 at::zeros({11}, at::kLong)};
  for (std::int64_t i = 0; i < 11; ++i) batch.labels[i] = i % 5;
  if (labels_ahead == 0) return batch;
  batch.other_labels = batch.labels.add(labels_ahead).remainder(5);
  batch.share = at::full({11}, kShare);
  return batch;
}

BatchOutput output_of(std::int64_t micro_batches, std::int64_t labels_ahead = 0) {
  const Model model(architecture_from(kPerImage, 5), 1, at::kCPU);
  fill_with_noise(model, 1);
  Optimizer optimizer(OptimizerKind::kAdamW, TrialConfig{}, model.parameters());
  LossScaler scaler(Amp::kOff, at::kCPU);
  TrainStep step(model, optimizer, scaler,
                 {.label_smoothing = 0.1, .micro_batches = micro_batches});
  const Batch batch = made_batch(labels_ahead);
  const at::Tensor loss_sum = at::zeros({}, at::kDouble), correct = at::zeros({}, at::kLong);
  step.leave_gradients(batch, 1, loss_sum, correct);
  BatchOutput output;
  for (const NamedTensor& parameter : model.parameters())
    if (parameter.tensor.requires_grad()) output.gradients.push_back(parameter.tensor.grad());
  output.loss_sum = loss_sum.item<double>();
  output.correct = correct.item<std::int64_t>();
  return output;
}

TEST(TrainStep, GradientsOfPartsAddUpToTheWholeBatchs) {
  const BatchOutput whole = output_of(1);
  for (const std::int64_t micro_batches : {2, 3, 4, 11, 64}) {
    SCOPED_TRACE(micro_batches);
    const BatchOutput some = output_of(micro_batches);
    for (std::size_t i = 0; i < whole.gradients.size(); ++i)
      EXPECT_LT(worst_difference(some.gradients[i], whole.gradients[i], 1e-4, 1e-6), 1) << i;
    EXPECT_NEAR(some.loss_sum, whole.loss_sum, 1e-4);
    EXPECT_EQ(some.correct, whole.correct);
  }
}

TEST(TrainStep, TheLossOfMixedImagesIsThatOfBothLabelsByTheirShares) {
  const BatchOutput mixed = output_of(1, 2), split = output_of(3, 2);
  const BatchOutput own = output_of(1), same = output_of(1, 5);
  EXPECT_NEAR(same.loss_sum, own.loss_sum, 1e-5) << "mixed with its own label";
  EXPECT_NEAR(split.loss_sum, mixed.loss_sum, 1e-4);
  EXPECT_EQ(mixed.correct, own.correct) << "the larger share is its own";

  // Cross-entropy is linear in the target, so (mixed - (1-share)·own)/share is the other label's.
  const auto other_loss = [&] {
    const Model model(architecture_from(kPerImage, 5), 1, at::kCPU);
    fill_with_noise(model, 1);
    const Batch batch = made_batch(2);
    return 11 * at::cross_entropy_loss(model.forward(batch.images, true), batch.other_labels, {}, 1,
                                       -100, 0.1)
                    .item<double>();
  }();
  EXPECT_NEAR(mixed.loss_sum, (1 - kShare) * own.loss_sum + kShare * other_loss, 1e-4);
  for (std::size_t i = 0; i < mixed.gradients.size(); ++i)
    EXPECT_LT(worst_difference(split.gradients[i], mixed.gradients[i], 1e-4, 1e-6), 1) << i;
}

TEST(TrainStep, AfterOutOfMemoryComeTheWholeBatchThenHalvesThenTheEnd) {
  EXPECT_EQ(micro_batches_after_oom(1, 128), 1);
  EXPECT_EQ(micro_batches_after_oom(2, 128), 2);
  EXPECT_EQ(micro_batches_after_oom(3, 128), 4);
  EXPECT_EQ(micro_batches_after_oom(8, 128), 128);
  EXPECT_EQ(micro_batches_after_oom(9, 128), std::nullopt);
  EXPECT_EQ(micro_batches_after_oom(4, 5), 5) << "never less than an image";
  EXPECT_EQ(micro_batches_after_oom(5, 5), std::nullopt);
  EXPECT_EQ(micro_batches_after_oom(2, 1), std::nullopt);
}

}  // namespace
}  // namespace firesweep
