// Makes single layers from blocks: reads their numbers, checks their limits, and computes the
// output shape. Internal to the domain room.
#pragma once

#include <cstdint>

#include "shared/domain/architecture.h"
#include "shared/domain/block_reader.h"
#include "shared/domain/layers.h"

namespace firesweep {

// Limits for a file's numbers. Together with kMaxLayers they keep every sum of parameters and of
// MACs within 63 bits.
inline constexpr std::int64_t kMaxChannels = 1 << 16;
inline constexpr std::int64_t kMaxFeatures = (std::int64_t{1} << 31) - 1;  // of a flat shape
inline constexpr std::int64_t kMaxSide = 1 << 13;

// Reports mistakes to the reader; after the first one the returned layers are meaningless. `shape`
// is the block's input shape and becomes its output shape. The reader must outlive it.
// Single-threaded.
class LayerMaker {
 public:
  // `dropout`, unless negative, replaces the probability of every dropout layer.
  LayerMaker(BlockReader& read, double dropout) : read_(read), dropout_(dropout) {}

  Conv conv(const Block& block, Shape& shape);
  BatchNorm batch_norm(const Block& block, const Shape& shape);
  Pool pool(const Block& block, Shape& shape);
  GlobalAvgPool global_avg_pool(const Block& block, Shape& shape);
  Flatten flatten(const Block& block, Shape& shape);
  Dropout dropout(const Block& block, const Shape& shape);
  Linear linear(const Block& block, Shape& shape);

  // Reports a flat shape as a mistake.
  bool spatial(const Block& block, const Shape& shape);
  // The numbers of a convolution block, and the check of any convolution against its input.
  Conv read_conv(const Block& block, const Shape& shape);
  Conv checked_conv(const Block& block, const Conv& conv, Shape& shape);

 private:
  std::int64_t slide(const Block& block, std::int64_t side, std::int64_t kernel,
                     std::int64_t stride, std::int64_t padding, const Shape& shape);

  BlockReader& read_;
  double dropout_;
};

}  // namespace firesweep
