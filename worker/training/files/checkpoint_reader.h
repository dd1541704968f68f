// Reads a checkpoint of any version from memory: fields and tensors as the file holds them. Nothing
// of a file is ever run, and nothing is made of a file whose checksum or sizes are wrong.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "worker/training/files/checkpoint_fields.h"
#include "worker/training/files/stored_tensor.h"

namespace firesweep {

inline constexpr int kCheckpointVersion = 2;
inline constexpr std::string_view kCheckpointFormatText = "firesweep checkpoint";
// The images that the selected weights get right, beside the tensors of the trial.
inline constexpr char kCorrectTensor[] = "evaluation.correct";

struct CheckpointContent {
  CheckpointFields fields;
  std::vector<StoredTensor> tensors;  // views of the bytes it was read from
};

// kBadInput at `path` says what is wrong and what was expected: no checkpoint at all (a file that
// torch.save wrote is called by its name), cut off, corrupt, of another version, counts below 0.
// Pure.
Result<CheckpointContent> read_checkpoint_content(std::span<const std::uint8_t> bytes,
                                                  const std::filesystem::path& path);

}  // namespace firesweep
