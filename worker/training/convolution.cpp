#include "worker/training/convolution.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

#include "worker/training/kernels.h"

namespace firesweep {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Output pixels gathered for one product: enough for the product to outweigh reading and writing
// its result, few enough for what is gathered to stay in the last cache.
constexpr std::int64_t kPixelsAtOnce = 1024;
constexpr std::int64_t kSumGroups = 64;  // as norm_relu.cpp: bits do not depend on the threads

struct Geometry {
  std::int64_t channels, height, width, out_height, out_width, kernel, stride, padding;
};

bool fits(const at::Tensor& x) {
  return x.dim() == 4 && x.is_cpu() && x.scalar_type() == at::kFloat && x.numel() > 0 &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

// Where oneDNN's own gradient was measured to be the slower one.
bool on_avx2() {
  static const bool found = at::get_cpu_capability() == "AVX2";
  return found;
}

// [N,C,H,W] in channels_last as [N·H·W, C], without copying.
at::Tensor as_rows(const at::Tensor& x) { return x.permute({0, 2, 3, 1}).reshape({-1, x.size(1)}); }

// What the kernel sees at one output pixel, [k,k,C], zeros beyond the border.
void gather_pixel(const Geometry& g, const float* x, std::int64_t pixel, float* to) {
  const std::int64_t per_image = g.out_height * g.out_width;
  const std::int64_t image = pixel / per_image;
  const std::int64_t top = pixel % per_image / g.out_width * g.stride - g.padding;
  const std::int64_t left = pixel % g.out_width * g.stride - g.padding;
  const std::int64_t first = std::clamp<std::int64_t>(-left, 0, g.kernel);
  const std::int64_t last = std::clamp<std::int64_t>(g.width - left, first, g.kernel);
  for (std::int64_t row = top; row < top + g.kernel; ++row, to += g.kernel * g.channels) {
    if (row < 0 || row >= g.height) {
      std::fill_n(to, g.kernel * g.channels, 0.0F);
      continue;
    }
    const float* const from = x + ((image * g.height + row) * g.width + left) * g.channels;
    std::fill_n(to, first * g.channels, 0.0F);
    std::copy(from + first * g.channels, from + last * g.channels, to + first * g.channels);
    std::fill(to + last * g.channels, to + g.kernel * g.channels, 0.0F);
  }
}

// [O,C,k,k] in channels_last: Σ over pixels of dy ⊗ what the kernel saw there.
at::Tensor weight_gradient(const Geometry& g, const at::Tensor& x, const at::Tensor& dy) {
  const at::Tensor slopes = as_rows(dy);
  const std::int64_t pixels = slopes.size(0), outputs = slopes.size(1);
  const std::int64_t taps = g.kernel * g.kernel * g.channels;
  at::Tensor sum = at::zeros({outputs, taps});
  if (g.kernel == 1 && g.stride == 1 && g.padding == 0) {
    at::addmm_out(sum, sum, slopes.t(), as_rows(x));
  } else {
    const at::Tensor seen = at::empty({std::min(pixels, kPixelsAtOnce), taps});
    const auto* const from = x.const_data_ptr<float>();
    auto* const to = seen.mutable_data_ptr<float>();
    for (std::int64_t begin = 0; begin < pixels; begin += kPixelsAtOnce) {
      const std::int64_t count = std::min(kPixelsAtOnce, pixels - begin);
      at::parallel_for(0, count, 64, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) gather_pixel(g, from, begin + i, to + i * taps);
      });
      at::addmm_out(sum, sum, slopes.narrow(0, begin, count).t(), seen.narrow(0, 0, count));
    }
  }
  return sum.view({outputs, g.kernel, g.kernel, g.channels}).permute({0, 3, 1, 2});
}

// [O] sums of dy over images and pixels.
at::Tensor bias_gradient(const at::Tensor& dy) {
  const std::int64_t channels = dy.size(1), rows = dy.numel() / channels;
  const auto* const from = dy.const_data_ptr<float>();
  const auto width = static_cast<std::size_t>(channels);
  std::vector<double> partial(width * kSumGroups);
  at::parallel_for(0, kSumGroups, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t group = begin; group < end; ++group) {
      const std::int64_t first = rows * group / kSumGroups;
      kernels::sum_rows(from + first * channels, rows * (group + 1) / kSumGroups - first, channels,
                        partial.data() + static_cast<std::size_t>(group) * width);
    }
  });
  at::Tensor sums = at::empty({channels});
  for (std::size_t c = 0; c < width; ++c) {
    double sum = 0;
    for (std::size_t at = c; at < partial.size(); at += width) sum += partial[at];
    sums.mutable_data_ptr<float>()[c] = static_cast<float>(sum);
  }
  return sums;
}

class Convolution : public torch::autograd::Function<Convolution> {
 public:
  // `bias` may be undefined.
  static at::Tensor forward(AutogradContext* context, const Conv& conv, const at::Tensor& x,
                            const at::Tensor& weight, const at::Tensor& bias) {
    context->save_for_backward({x, weight});
    context->saved_data["stride"] = conv.stride;
    context->saved_data["padding"] = conv.padding;
    context->saved_data["bias"] = bias.defined();
    return at::conv2d(x, weight, bias, conv.stride, conv.padding);
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const variable_list kept = context->get_saved_variables();
    const at::Tensor& x = kept[0];
    const at::Tensor& weight = kept[1];
    const at::Tensor dy = outputs[0].contiguous(at::MemoryFormat::ChannelsLast);
    const std::int64_t stride = context->saved_data["stride"].toInt();
    const std::int64_t padding = context->saved_data["padding"].toInt();
    variable_list gradients(4);  // the first is of `conv`, which has none
    if (x.requires_grad()) {
      gradients[1] = std::get<0>(at::convolution_backward(
          dy, x, weight, at::nullopt, {stride, stride}, {padding, padding}, {1, 1},
          /*transposed=*/false, {0, 0}, /*groups=*/1, {true, false, false}));
    }
    const Geometry geometry{x.size(1),  x.size(2),      x.size(3), dy.size(2),
                            dy.size(3), weight.size(2), stride,    padding};
    gradients[2] = weight_gradient(geometry, x, dy);
    if (context->saved_data["bias"].toBool()) gradients[3] = bias_gradient(dy);
    return gradients;
  }
};

}  // namespace

at::Tensor convolution(const Conv& conv, const at::Tensor& x, const at::Tensor& weight,
                       const at::Tensor& bias) {
  const bool ours = on_avx2() && at::GradMode::is_enabled() && conv.groups == 1 && fits(x) &&
                    weight.requires_grad() && weight.scalar_type() == at::kFloat;
  return ours ? Convolution::apply(conv, x, weight, bias)
              : at::conv2d(x, weight, bias, conv.stride, conv.padding, 1, conv.groups);
}

}  // namespace firesweep
