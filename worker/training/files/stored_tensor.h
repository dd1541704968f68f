// A tensor as a file holds it: what it is and where its bytes lie. No LibTorch, so that whoever
// reads files from strangers runs nothing but this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace firesweep {

enum class ElementType { kUint8, kBool, kInt32, kInt64, kFloat32, kFloat64 };

std::size_t bytes_of(ElementType type);

inline constexpr std::size_t kMostDimensions = 8;

struct StoredTensor {
  std::string name;
  ElementType type = ElementType::kUint8;
  std::vector<std::int64_t> sizes;      // none: a single element
  std::span<const std::uint8_t> bytes;  // row-major, little-endian; within the file's bytes
};

// Bytes of a tensor of that type and those sizes; none where a size is negative, there are more
// than kMostDimensions of them, or the tensor would not be addressable even without its sizes of 0.
// Pure.
std::optional<std::int64_t> byte_count(ElementType type, std::span<const std::int64_t> sizes);

}  // namespace firesweep
