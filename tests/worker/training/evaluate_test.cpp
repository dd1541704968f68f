#include "worker/training/evaluate.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/reflection_pad2d.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/worker/training/closed_form.h"
#include "tests/worker/training/synthetic.h"

namespace firesweep {
namespace {

constexpr std::int64_t kImages = 300;  // more than a batch of the CPU's

at::Tensor moved(const at::Tensor& images, std::int64_t by) {
  return at::reflection_pad2d(images.contiguous(), {1, 1, 1, 1})
      .narrow(2, 1 + by, 32)
      .narrow(3, 1 + by, 32)
      .contiguous(at::MemoryFormat::ChannelsLast);
}

TEST(Evaluate, EveryViewEqualsTheNaiveMeanOfLogits) {
  const at::NoGradGuard no_grad;
  const Dataset data = synthetic_dataset(8, kImages, 4);
  const Model model(small_architecture(4), 1, at::kCPU);
  fill_with_noise(model, 1);
  std::vector<std::int64_t> samples(kImages);
  std::iota(samples.begin(), samples.end(), 0);
  const DeviceImages padded(data, Subset::kTest, kShiftPadding, at::kCPU, PadMode::kReflect);
  const DeviceImages bare(data, Subset::kTest, 0, at::kCPU);
  const Batch all = bare.batch(bare.plain(samples), 0, kImages);

  const auto both = [&](const at::Tensor& images) {
    return model.forward(images, false).add(model.forward(images.flip({3}), false)).div(2);
  };
  const at::Tensor as_is = model.forward(all.images, false), mirrored = both(all.images);
  const at::Tensor shifted = mirrored.div(2)
                                 .add(both(moved(all.images, -1)).div(4))
                                 .add(both(moved(all.images, 1)).div(4));
  std::vector<double> losses;
  for (const auto& [view, logits] :
       {std::pair(View::kAsIs, as_is), std::pair(View::kBothMirrored, mirrored),
        std::pair(View::kMirroredAndShifted, shifted)}) {
    const auto found = evaluate(model, padded, samples, view, Amp::kOff, [] { return true; });
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->loss, at::cross_entropy_loss(logits, all.labels).item<double>(), 1e-5);
    EXPECT_NEAR(found->accuracy,
                at::argmax(logits, 1).eq(all.labels).to(at::kDouble).mean().item<double>(), 0.004);
    losses.push_back(found->loss);
  }
  EXPECT_NE(losses[0], losses[1]);
  EXPECT_NE(losses[1], losses[2]);
}

TEST(Evaluate, UnknownWordIsRefusedWithANearMiss) {
  const auto found = find_tta("flip_shif");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().where, "tta");
  EXPECT_NE(found.error().hint.find("flip_shift"), std::string::npos);
}

}  // namespace
}  // namespace firesweep
