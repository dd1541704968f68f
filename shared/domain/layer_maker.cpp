#include "shared/domain/layer_maker.h"

#include <string>

#include "shared/domain/value.h"

namespace firesweep {
namespace {

constexpr std::int64_t kMaxKernel = 512;
constexpr std::int64_t kMaxLayerParams = std::int64_t{1} << 33;
constexpr std::int64_t kMaxLayerMacs = std::int64_t{1} << 48;

std::string text_of(double number) { return to_string(Value(number)); }

}  // namespace

bool LayerMaker::spatial(const Block& block, const Shape& shape) {
  if (!shape.flat()) return true;
  read_.refuse(block.where, block.kind + " found the flat shape " + to_string(shape) +
                                ", expected channels×height×width");
  return false;
}

// Height or width after a window of `kernel` moved by `stride` over a padded side.
std::int64_t LayerMaker::slide(const Block& block, std::int64_t side, std::int64_t kernel,
                               std::int64_t stride, std::int64_t padding, const Shape& shape) {
  const std::int64_t room = side + 2 * padding - kernel;
  if (room < 0) {
    read_.refuse(block.where, "a kernel of " + std::to_string(kernel) + " does not fit into " +
                                  to_string(shape) + " padded by " + std::to_string(padding));
    return 1;
  }
  const std::int64_t out = room / stride + 1;
  if (out > kMaxSide) read_.refuse(block.where, "an output side grows above 8192");
  return out;
}

Conv LayerMaker::checked_conv(const Block& block, const Conv& conv, Shape& shape) {
  if (read_.error()) return conv;
  if (conv.in % conv.groups != 0 || conv.out % conv.groups != 0) {
    read_.refuse(read_.place_of(block, "groups"),
                 "found " + std::to_string(conv.groups) + " groups, expected a divisor of both " +
                     std::to_string(conv.in) + " channels coming in and " +
                     std::to_string(conv.out) + " going out");
    return conv;
  }
  const Shape before = shape;
  shape.height = slide(block, before.height, conv.kernel, conv.stride, conv.padding, before);
  shape.width = slide(block, before.width, conv.kernel, conv.stride, conv.padding, before);
  shape.channels = conv.out;
  const std::int64_t weights = conv.out * (conv.in / conv.groups) * conv.kernel * conv.kernel;
  const double macs = static_cast<double>(weights) * static_cast<double>(shape.height) *
                      static_cast<double>(shape.width);
  if (weights > kMaxLayerParams || macs > static_cast<double>(kMaxLayerMacs)) {
    read_.refuse(block.where, "a convolution of " + std::to_string(weights) + " weights on " +
                                  to_string(before) + " is too large");
  }
  return conv;
}

Conv LayerMaker::conv(const Block& block, Shape& shape) {
  return spatial(block, shape) ? checked_conv(block, read_conv(block, shape), shape) : Conv{};
}

Conv LayerMaker::read_conv(const Block& block, const Shape& shape) {
  Conv conv{};
  conv.in = shape.channels;
  conv.out = read_.whole(block, "value", shape, 0, 1, kMaxChannels);
  conv.kernel = read_.whole(block, "kernel", shape, 3, 1, kMaxKernel);
  conv.stride = read_.whole(block, "stride", shape, 1, 1, kMaxKernel);
  conv.padding = read_.whole(block, "padding", shape, conv.kernel / 2, 0, kMaxKernel);
  conv.groups = read_.whole(block, "groups", shape, 1, 1, kMaxChannels);
  conv.bias = read_.has_bias(block);
  return conv;
}

BatchNorm LayerMaker::batch_norm(const Block& block, const Shape& shape) {
  spatial(block, shape);
  return {shape.channels};
}

Pool LayerMaker::pool(const Block& block, Shape& shape) {
  if (!spatial(block, shape)) return {};
  Pool pool{};
  pool.max = block.kind == "max_pool";
  pool.kernel = read_.whole(block, "value", shape, 0, 1, kMaxKernel);
  pool.stride = read_.whole(block, "stride", shape, pool.kernel, 1, kMaxKernel);
  pool.padding = read_.whole(block, "padding", shape, 0, 0, pool.kernel / 2);
  if (read_.error()) return pool;
  const Shape before = shape;
  shape.height = slide(block, before.height, pool.kernel, pool.stride, pool.padding, before);
  shape.width = slide(block, before.width, pool.kernel, pool.stride, pool.padding, before);
  return pool;
}

GlobalAvgPool LayerMaker::global_avg_pool(const Block& block, Shape& shape) {
  if (spatial(block, shape)) shape = {shape.channels, 0, 0};
  return {};
}

Flatten LayerMaker::flatten(const Block& block, Shape& shape) {
  if (!spatial(block, shape)) return {};
  if (shape.elements() > kMaxFeatures) {
    read_.refuse(block.where, "flattening " + to_string(shape) + " gives too many features");
  }
  shape = {shape.elements(), 0, 0};
  return {};
}

Dropout LayerMaker::dropout(const Block& block, const Shape& shape) {
  const double p = read_.real(block, "value", shape, 0);
  if (!(p >= 0 && p < 1)) {
    read_.refuse(
        read_.place_of(block, "value"),
        "found " + text_of(p) + read_.origin(block, "value") + ", expected a number in [0, 1)");
  }
  return {dropout_ >= 0 ? dropout_ : p};
}

Linear LayerMaker::linear(const Block& block, Shape& shape) {
  if (!shape.flat()) {
    read_.refuse(block.where,
                 "linear found the shape " + to_string(shape) + ", expected a flat one",
                 "put \"flatten\" or \"global_avg_pool\" before it");
    return {};
  }
  const Linear linear{shape.channels, read_.whole(block, "value", shape, 0, 1, kMaxChannels)};
  const double weights = static_cast<double>(linear.in) * static_cast<double>(linear.out);
  if (weights > static_cast<double>(kMaxLayerParams)) {
    read_.refuse(block.where, "a linear layer of " + text_of(weights) + " weights is too large");
  }
  shape = {linear.out, 0, 0};
  return linear;
}

}  // namespace firesweep
