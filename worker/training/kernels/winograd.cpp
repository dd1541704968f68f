#include "worker/training/kernels/winograd.h"

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "worker/training/kernels/tile_kernels.h"

namespace firesweep {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Below it the transforms cost more than the multiplications they save.
constexpr std::int64_t kFewestChannels = 256;
// Images are taken in portions whose transformed tiles stay in the processor's caches.
constexpr std::int64_t kPortionBytes = 24 << 20;
constexpr std::int64_t kTaps = 16;  // of a transformed tile

// A batch of images in channels_last, as a grid of 2×2 tiles.
struct Grid {
  std::int64_t images, height, width;  // pixels

  explicit Grid(const at::Tensor& x) : images(x.size(0)), height(x.size(2)), width(x.size(3)) {}
  std::int64_t tiles_per_image() const { return height / 2 * (width / 2); }
  // Images a portion, at least one.
  std::int64_t portion(std::int64_t channels) const {
    const std::int64_t bytes = kTaps * tiles_per_image() * channels * 4;
    return std::clamp<std::int64_t>(kPortionBytes / bytes, 1, images);
  }
};

bool plain(const at::Tensor& x) {
  return x.dim() == 4 && x.is_cpu() && x.scalar_type() == at::kFloat && x.numel() > 0 &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

// work(image, row of its upper left pixel, column of it, tile's number among those from `first` on)
// for every tile.
template <class Work>
void over_tiles(const Grid& grid, std::int64_t first, std::int64_t images, Work&& work) {
  const std::int64_t across = grid.width / 2, per_image = grid.tiles_per_image();
  at::parallel_for(0, images * per_image, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t tile = begin; tile < end; ++tile) {
      const std::int64_t place = tile % per_image;
      work(first + tile / per_image, place / across * 2, place % across * 2, tile);
    }
  });
}

// [16,O,C] from [O,C,3,3] in channels_last.
at::Tensor transformed_filters(const at::Tensor& weight) {
  const std::int64_t out = weight.size(0), in = weight.size(1);
  const at::Tensor filters = at::empty({kTaps, out, in});
  const float* const from = weight.const_data_ptr<float>();
  float* const to = filters.mutable_data_ptr<float>();
  at::parallel_for(0, out, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t o = begin; o < end; ++o)
      kernels::transform_filter(from + o * 9 * in, in, to + o * in, out * in);
  });
  return filters;
}

// Transforms the 4×4 pixels around every tile into `to` [16,tiles,C]; each tile turned by 180°
// where `turn`.
void transform_images(const at::Tensor& x, const Grid& grid, std::int64_t first,
                      std::int64_t images, bool turn, const at::Tensor& to) {
  const std::int64_t channels = x.size(1);
  const std::vector<float> black(static_cast<std::size_t>(channels));
  const float* const from = x.const_data_ptr<float>();
  float* const rows = to.mutable_data_ptr<float>();
  over_tiles(grid, first, images,
             [&](std::int64_t image, std::int64_t top, std::int64_t left, std::int64_t tile) {
               std::array<const float*, kTaps> pixels;
               for (std::int64_t tap = 0; tap < kTaps; ++tap) {
                 const std::int64_t row = top + tap / 4 - 1, column = left + tap % 4 - 1;
                 const bool inside =
                     row >= 0 && row < grid.height && column >= 0 && column < grid.width;
                 pixels[static_cast<std::size_t>(tap)] =
                     inside ? from + ((image * grid.height + row) * grid.width + column) * channels
                            : black.data();
               }
               if (turn) std::ranges::reverse(pixels);
               kernels::transform_input(pixels.data(), channels, rows + tile * channels,
                                        to.size(1) * channels);
             });
}

// The four pixels of a tile.
template <class Float>
std::array<Float*, 4> pixels_of(Float* data, const Grid& grid, std::int64_t channels,
                                std::int64_t image, std::int64_t top, std::int64_t left) {
  Float* const corner = data + ((image * grid.height + top) * grid.width + left) * channels;
  Float* const below = corner + grid.width * channels;
  return {corner, corner + channels, below, below + channels};
}

// The filters [16,O,C] over x of C channels, or, where `turn`, their transposes turned by 180° over
// x of O channels: a turned filter over a tile is the filter over the turned tile, turned back.
at::Tensor filtered(const at::Tensor& x, const at::Tensor& filters, const float* bias, bool turn) {
  const Grid grid(x);
  const std::int64_t in = x.size(1), out = turn ? filters.size(2) : filters.size(1);
  const at::Tensor matrices = turn ? filters : filters.transpose(1, 2);
  const at::Tensor y = at::empty({grid.images, out, grid.height, grid.width},
                                 at::TensorOptions().memory_format(at::MemoryFormat::ChannelsLast));
  float* const to = y.mutable_data_ptr<float>();
  const std::int64_t portion = grid.portion(in + out);
  for (std::int64_t first = 0; first < grid.images; first += portion) {
    const std::int64_t images = std::min(portion, grid.images - first);
    const std::int64_t tiles = images * grid.tiles_per_image();
    const at::Tensor seen = at::empty({kTaps, tiles, in});
    transform_images(x, grid, first, images, turn, seen);
    const at::Tensor products = at::bmm(seen, matrices);
    const float* const rows = products.const_data_ptr<float>();
    over_tiles(grid, first, images,
               [&](std::int64_t image, std::int64_t top, std::int64_t left, std::int64_t tile) {
                 auto pixels = pixels_of(to, grid, out, image, top, left);
                 if (turn) std::ranges::reverse(pixels);
                 kernels::transform_output(rows + tile * out, tiles * out, bias, out,
                                           pixels.data());
               });
  }
  return y;
}

// The gradient of the weight [O,C,3,3], in channels_last.
at::Tensor filter_gradient(const at::Tensor& x, const at::Tensor& dy) {
  const Grid grid(x);
  const std::int64_t in = x.size(1), out = dy.size(1);
  const float* const slopes = dy.const_data_ptr<float>();
  const at::Tensor filters = at::zeros({kTaps, out, in});
  const std::int64_t portion = grid.portion(in + out);
  for (std::int64_t first = 0; first < grid.images; first += portion) {
    const std::int64_t images = std::min(portion, grid.images - first);
    const std::int64_t tiles = images * grid.tiles_per_image();
    const at::Tensor seen = at::empty({kTaps, tiles, in}), spread = at::empty({kTaps, tiles, out});
    transform_images(x, grid, first, images, /*turn=*/false, seen);
    float* const rows = spread.mutable_data_ptr<float>();
    over_tiles(grid, first, images,
               [&](std::int64_t image, std::int64_t top, std::int64_t left, std::int64_t tile) {
                 const auto pixels = pixels_of(slopes, grid, out, image, top, left);
                 kernels::spread_output(pixels.data(), out, rows + tile * out, tiles * out);
               });
    filters.baddbmm_(spread.transpose(1, 2), seen);
  }
  const at::Tensor gradient =
      at::empty({out, in, 3, 3}, at::TensorOptions().memory_format(at::MemoryFormat::ChannelsLast));
  const float* const from = filters.const_data_ptr<float>();
  float* const to = gradient.mutable_data_ptr<float>();
  at::parallel_for(0, out, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t o = begin; o < end; ++o)
      kernels::gather_filter(from + o * in, out * in, in, to + o * 9 * in);
  });
  return gradient;
}

class Winograd : public torch::autograd::Function<Winograd> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const std::optional<at::Tensor>& bias) {
    const at::Tensor filters = transformed_filters(weight);
    context->save_for_backward({x, filters});
    return filtered(x, filters, bias ? bias->const_data_ptr<float>() : nullptr, false);
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const at::Tensor dy = outputs[0].contiguous(at::MemoryFormat::ChannelsLast);
    const variable_list kept = context->get_saved_variables();
    variable_list gradients(3);
    if (context->needs_input_grad(0)) gradients[0] = filtered(dy, kept[1], nullptr, true);
    if (context->needs_input_grad(1)) gradients[1] = filter_gradient(kept[0], dy);
    if (context->needs_input_grad(2)) gradients[2] = dy.sum({0, 2, 3});
    return gradients;
  }
};

}  // namespace

bool winograd_pays(const at::Tensor& x, const at::Tensor& weight) {
  return plain(x) && plain(weight) && !at::autocast::is_autocast_enabled(at::kCPU) &&
         x.size(2) % 2 == 0 && x.size(3) % 2 == 0 && weight.size(2) == 3 && weight.size(3) == 3 &&
         weight.size(0) >= kFewestChannels && weight.size(1) >= kFewestChannels;
}

at::Tensor winograd_conv(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return Winograd::apply(x, weight, bias.defined() ? std::optional(bias) : std::nullopt);
}

}  // namespace firesweep
