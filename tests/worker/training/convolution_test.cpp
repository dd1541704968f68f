#include "worker/training/convolution.h"

#include <ATen/ops/conv2d.h>
#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include "tests/worker/training/closed_form.h"

namespace firesweep {
namespace {

struct Seen {
  at::Tensor out, dx, dweight, dbias;
};

// In double precision LibTorch's own convolution runs.
Seen run(const Conv& conv, std::int64_t side, at::ScalarType type, bool input_needs_gradient) {
  const at::Tensor x = noise(1, {5, conv.in, side, side + 1}, -1, 1)
                           .to(type)
                           .contiguous(at::MemoryFormat::ChannelsLast)
                           .set_requires_grad(input_needs_gradient);
  const at::Tensor weight =
      noise(2, {conv.out, conv.in / conv.groups, conv.kernel, conv.kernel}, -1, 1)
          .to(type)
          .contiguous(at::MemoryFormat::ChannelsLast)
          .set_requires_grad(true);
  at::Tensor bias;
  if (conv.bias) bias = noise(3, {conv.out}, -1, 1).to(type).set_requires_grad(true);
  const at::Tensor out = convolution(conv, x, weight, bias);
  out.mul(noise(4, out.sizes(), -1, 1).to(type)).sum().backward();
  return {out.detach(), x.grad(), weight.grad(), conv.bias ? bias.grad() : at::Tensor()};
}

// in, out, kernel, stride, padding, groups, bias
const Conv kConvs[] = {
    {3, 8, 3, 1, 1, 1, true},   {8, 12, 3, 1, 1, 1, false}, {8, 12, 1, 1, 0, 1, true},
    {8, 12, 1, 2, 0, 1, true},  {4, 6, 5, 2, 2, 1, true},   {4, 6, 3, 1, 0, 1, true},
    {4, 6, 1, 1, 1, 1, true},   {4, 6, 7, 1, 5, 1, true},   {8, 8, 3, 1, 1, 8, true},
    {96, 40, 3, 1, 1, 1, true},
};

TEST(Convolution, GradientsAreThoseOfLibTorchInDoublePrecision) {
  for (const Conv& conv : kConvs) {
    for (const std::int64_t side : {4, 15}) {  // 1,200 pixels are gathered in two parts
      SCOPED_TRACE(testing::Message()
                   << "kernel " << conv.kernel << " stride " << conv.stride << " padding "
                   << conv.padding << " groups " << conv.groups << " side " << side);
      const Seen ours = run(conv, side, at::kFloat, true);
      const Seen exact = run(conv, side, at::kDouble, true);
      EXPECT_LT(worst_difference(ours.out, exact.out, 1e-4, 1e-5), 1);
      EXPECT_LT(worst_difference(ours.dx, exact.dx, 1e-4, 1e-5), 1);
      EXPECT_LT(worst_difference(ours.dweight, exact.dweight, 1e-4, 2e-5), 1);
      if (conv.bias) {
        EXPECT_LT(worst_difference(ours.dbias, exact.dbias, 1e-4, 1e-5), 1);
      }
    }
  }
}

TEST(Convolution, ImagesNeedNoGradient) {
  const Seen with = run(kConvs[0], 8, at::kFloat, true);
  const Seen without = run(kConvs[0], 8, at::kFloat, false);
  EXPECT_FALSE(without.dx.defined());
  EXPECT_TRUE(at::equal(with.dweight, without.dweight));
}

TEST(Convolution, RepeatsBitForBit) {
  const Seen first = run(kConvs[9], 15, at::kFloat, true);
  const Seen second = run(kConvs[9], 15, at::kFloat, true);
  EXPECT_TRUE(at::equal(first.dweight, second.dweight));
  EXPECT_TRUE(at::equal(first.dx, second.dx));
}

}  // namespace
}  // namespace firesweep
