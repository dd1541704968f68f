#include "worker/training/train_step.h"

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

struct Left {
  std::vector<at::Tensor> gradients;
  double loss_sum = 0;
  std::int64_t correct = 0;
};

Left gradients_in_parts(std::int64_t parts) {
  const Model model(architecture_from(kPerImage, 5), 1, at::kCPU);
  fill_with_noise(model, 1);
  Optimizer optimizer(OptimizerKind::kAdamW, TrialConfig{}, model.parameters());
  LossScaler scaler(Amp::kOff, at::kCPU);
  TrainStep step(model, optimizer, scaler, {.label_smoothing = 0.1, .parts = parts});
  const at::Tensor labels = at::zeros({11}, at::kLong);
  for (std::int64_t i = 0; i < 11; ++i) labels.mutable_data_ptr<std::int64_t>()[i] = i % 5;
  const Batch batch = {
      noise(7, {11, 3, 32, 32}, -1.7, 1.7).contiguous(at::MemoryFormat::ChannelsLast), labels};
  const at::Tensor loss_sum = at::zeros({}, at::kDouble), correct = at::zeros({}, at::kLong);
  step.leave_gradients(batch, 1, loss_sum, correct);
  Left left;
  for (const NamedTensor& parameter : model.parameters())
    if (parameter.tensor.requires_grad()) left.gradients.push_back(parameter.tensor.grad());
  left.loss_sum = loss_sum.item<double>();
  left.correct = correct.item<std::int64_t>();
  return left;
}

TEST(TrainStep, GradientsOfPartsAddUpToTheWholeBatchs) {
  const Left whole = gradients_in_parts(1);
  for (const std::int64_t parts : {2, 3, 4, 11, 64}) {
    SCOPED_TRACE(parts);
    const Left some = gradients_in_parts(parts);
    for (std::size_t i = 0; i < whole.gradients.size(); ++i)
      EXPECT_LT(worst_difference(some.gradients[i], whole.gradients[i], 1e-4, 1e-6), 1) << i;
    EXPECT_NEAR(some.loss_sum, whole.loss_sum, 1e-4);
    EXPECT_EQ(some.correct, whole.correct);
  }
}

TEST(TrainStep, AfterOutOfMemoryComeTheWholeBatchThenHalvesThenTheEnd) {
  EXPECT_EQ(parts_after_oom(1, 128), 1);
  EXPECT_EQ(parts_after_oom(2, 128), 2);
  EXPECT_EQ(parts_after_oom(3, 128), 4);
  EXPECT_EQ(parts_after_oom(8, 128), 128);
  EXPECT_EQ(parts_after_oom(9, 128), std::nullopt);
  EXPECT_EQ(parts_after_oom(4, 5), 5) << "never less than an image";
  EXPECT_EQ(parts_after_oom(5, 5), std::nullopt);
  EXPECT_EQ(parts_after_oom(2, 1), std::nullopt);
}

}  // namespace
}  // namespace firesweep
