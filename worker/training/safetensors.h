// Tensors as a safetensors file, which Python's package of that name reads: the length of a header
// (uint64, little-endian), the header as JSON (per tensor its dtype, shape and place in the data,
// and texts under "__metadata__"), then the data without gaps. Knows no model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "shared/base/error.h"
#include "worker/datasets/file.h"
#include "worker/training/model.h"

namespace firesweep {

using TensorTexts = std::map<std::string, std::string>;  // what stands under "__metadata__"

// Writes the file whole or not at all. Tensors are uint8, bool, int32, int64, float32 or float64,
// on any device and in any layout; they are written on the CPU in row-major order, larger types
// first so that all are aligned. kIo where the file cannot be written.
Result<void> write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                               const TensorTexts& texts);

// As write_safetensors, up to commit(). The text "sha256" is added: the checksum of the whole file
// with zeros in its own 64 places.
Result<AtomicFile> prepare_checked_safetensors(const std::filesystem::path& path,
                                               const NamedTensors& tensors,
                                               const TensorTexts& texts);

struct Safetensors {
  NamedTensors tensors;  // on the CPU
  TensorTexts texts;     // without "sha256"
};

// What prepare_checked_safetensors wrote. kBadInput at `path` where that is cut off, corrupt or not
// such a file.
Result<Safetensors> parse_checked_safetensors(std::span<const std::uint8_t> bytes,
                                              const std::filesystem::path& path);

}  // namespace firesweep
