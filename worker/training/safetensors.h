// Tensors as a safetensors file, which Python's package of that name reads; files/ reads it back
// and tells the format. Knows no model.
#pragma once

#include <filesystem>

#include "shared/base/error.h"
#include "worker/datasets/file.h"
#include "worker/training/files/safetensors_reader.h"
#include "worker/training/model.h"

namespace firesweep {

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

// A tensor of a file, copied to the CPU.
at::Tensor to_tensor(const StoredTensor& stored);

}  // namespace firesweep
