// Reads checkpoints of version 1, which earlier builds wrote as *.pt, so that their trials can
// resume.
//
// A file is: magic "FSWCKPT\0", version (uint32), zero (uint32), the fields of Checkpoint in their
// order, sha256 of all that as 64 hexadecimal digits. Numbers are little-endian, 8 bytes each; a
// text is its length and its bytes; an optional is 0 or 1 and then its value; a tensor is its name,
// c10::ScalarType, number of dimensions, sizes, and its elements in row-major order. It has nothing
// of torch.save's *.pt but the suffix.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "worker/training/files/checkpoint_reader.h"

namespace firesweep {

bool is_checkpoint_v1(std::span<const std::uint8_t> bytes);

// kBadInput at `path` if it is truncated, corrupt or of another version.
Result<CheckpointContent> read_checkpoint_v1(std::span<const std::uint8_t> bytes,
                                             const std::filesystem::path& path);

}  // namespace firesweep
