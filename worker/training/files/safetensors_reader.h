// Reads a safetensors file: the length of a header (uint64, little-endian), the header as JSON (per
// tensor its dtype, shape and place in the data, and texts under "__metadata__"), then the data
// without gaps. Reading runs nothing of the file and takes memory in proportion to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "worker/training/files/stored_tensor.h"

namespace firesweep {

using TensorTexts = std::map<std::string, std::string>;  // what stands under "__metadata__"

inline constexpr char kTensorTexts[] = "__metadata__";
inline constexpr char kTensorChecksum[] = "sha256";
inline constexpr std::size_t kChecksumDigits = 64;
inline constexpr std::size_t kMostHeaderBytes = std::size_t{64} << 20;

// "F32" of kFloat32.
std::string_view word_of(ElementType type);

// The place of the checksum's `digits` in a header; none where it has no such text. Pure.
std::optional<std::size_t> checksum_place(const std::string& header, const std::string& digits);

struct TensorFile {
  std::vector<StoredTensor> tensors;  // views of the file's bytes, in the order of the data
  TensorTexts texts;                  // without the checksum
};

// Reads a file whose text "sha256" is the checksum of the whole file with zeros in its own 64
// places. kBadInput at `path` names what is wrong: cut off, corrupt, a header beyond
// kMostHeaderBytes or not of that form, a tensor that the data do not hold. Pure.
Result<TensorFile> read_checked_safetensors(std::span<const std::uint8_t> bytes,
                                            const std::filesystem::path& path);

}  // namespace firesweep
