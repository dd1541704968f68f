// Tensors as a safetensors file, which Python's package of that name reads: the length of a header
// (uint64, little-endian), the header as JSON (per tensor its dtype, shape and place in the data,
// and texts under "__metadata__"), then the data without gaps. Writing alone; knows no model.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "shared/base/error.h"
#include "worker/training/model.h"

namespace firesweep {

// Writes the file whole or not at all. Tensors are float32, float64 or int64, on any device and in
// any layout; they are written on the CPU in row-major order, 8-byte types first so that all are
// aligned. kIo where the file cannot be written.
Result<void> write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                               const std::map<std::string, std::string>& metadata);

}  // namespace firesweep
