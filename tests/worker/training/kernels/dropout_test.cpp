#include "worker/training/kernels/dropout.h"

#include <ATen/Parallel.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include "worker/training/device.h"

namespace firesweep {
namespace {

at::Tensor drawn(std::uint64_t seed, const at::Tensor& x, double p = 0.3) {
  seed_generator(at::kCPU, seed);
  return dropout(x, p);
}

TEST(Dropout, DropsTheShareAskedForAndScalesTheRest) {
  const at::Tensor y = drawn(1, at::ones({1000, 1000}), 0.3);
  const double dropped = y.eq(0).to(at::kDouble).mean().item<double>();
  EXPECT_NEAR(dropped, 0.3, 0.002) << "four standard deviations of a million draws";
  EXPECT_FLOAT_EQ(y.max().item<float>(), 1 / 0.7F);
  // Neither rows nor columns share their fate.
  EXPECT_LT(y.eq(0).to(at::kDouble).mean({0}).std().item<double>(), 0.02);
  EXPECT_LT(y.eq(0).to(at::kDouble).mean({1}).std().item<double>(), 0.02);
}

// Chances of neighbours, and of the same place under neighbouring seeds, multiply.
TEST(Dropout, PlacesAndSeedsAreIndependent) {
  const at::Tensor a = drawn(1, at::ones({1'000'000})).eq(0).to(at::kDouble);
  for (const std::int64_t distance : {1, 2, 32, 96, 512, 4096}) {
    const std::int64_t n = a.numel() - distance;
    const double both = a.narrow(0, 0, n).mul(a.narrow(0, distance, n)).mean().item<double>();
    EXPECT_NEAR(both, 0.09, 0.002) << distance;
  }
  const at::Tensor b = drawn(2, at::ones({1'000'000})).eq(0).to(at::kDouble);
  EXPECT_NEAR(a.mul(b).mean().item<double>(), 0.09, 0.002);
}

TEST(Dropout, SecondLayerOfAStepDropsOthers) {
  seed_generator(at::kCPU, 1);
  const at::Tensor x = at::ones({1000});
  const at::Tensor first = dropout(x, 0.5), second = dropout(x, 0.5);
  EXPECT_FALSE(at::equal(first, second));
  EXPECT_TRUE(at::equal(first, drawn(1, x, 0.5)));
}

TEST(Dropout, BitsDoNotDependOnTheThreads) {
  const at::Tensor x = at::ones({3, 100, 40, 40});
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor one = drawn(5, x);
  at::set_num_threads(2);
  const at::Tensor two = drawn(5, x);
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(one, two));
}

TEST(Dropout, GradientIsTheMask) {
  for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
    const at::Tensor x = at::ones({2, 5, 4, 3}).contiguous(format).set_requires_grad(true);
    const at::Tensor y = drawn(3, x, 0.4);
    y.backward(at::ones({2, 5, 4, 3}));  // contiguous, whatever x is
    EXPECT_TRUE(at::equal(x.grad(), y.detach()));
  }
}

}  // namespace
}  // namespace firesweep
