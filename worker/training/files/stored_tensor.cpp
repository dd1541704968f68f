#include "worker/training/files/stored_tensor.h"

#include <algorithm>

namespace firesweep {

std::size_t bytes_of(ElementType type) {
  switch (type) {
    case ElementType::kUint8:
    case ElementType::kBool:
      return 1;
    case ElementType::kInt32:
    case ElementType::kFloat32:
      return 4;
    case ElementType::kInt64:
    case ElementType::kFloat64:
      return 8;
  }
  return 1;
}

std::optional<std::int64_t> byte_count(ElementType type, std::span<const std::int64_t> sizes) {
  if (sizes.size() > kMostDimensions) return std::nullopt;
  auto stretch = static_cast<std::int64_t>(bytes_of(type));  // as if each size were at least 1
  bool empty = false;
  for (const std::int64_t size : sizes) {
    empty = empty || size == 0;
    const std::int64_t step = std::max<std::int64_t>(size, 1);
    if (size < 0 || __builtin_mul_overflow(stretch, step, &stretch)) return std::nullopt;
  }
  return empty ? 0 : stretch;
}

}  // namespace firesweep
