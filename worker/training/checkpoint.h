// Checkpoints on disk: everything that a trial needs to resume exactly where it stopped. Owns the
// format; only the trial knows the meaning of the tensors.
//
//   last.safetensors      the newest checkpoint
//   previous.safetensors  the one before, in case the newest is damaged
//   stored.safetensors    downloaded from the coordinator, or absent
//   selected.safetensors  the selected epoch's weights, written once when training ends
//
// A file is a safetensors file (safetensors.h), which PyTorch opens. The tensors of Checkpoint keep
// their names; "evaluation.correct" is Evaluation::correct. The other fields are texts of its
// metadata, numbers in decimal, with "format", "version" and the file's "sha256". Earlier builds
// wrote another format under *.pt, which is still read (files/checkpoint_v1.h). Neither is a
// pickle, and reading runs nothing of a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "shared/base/error.h"
#include "worker/training/files/checkpoint_fields.h"
#include "worker/training/model.h"

namespace firesweep {

struct Checkpoint : CheckpointFields {
  // "model.…", "optimizer.…", "average.…" and "scaler.…"; "selected.…" where those weights are not
  // the model's
  NamedTensors tensors;
};

inline constexpr std::uintmax_t kMostCheckpointFileBytes = std::uintmax_t{16} << 30;

// "last.safetensors" of "last".
std::string checkpoint_file(const std::string& name);

// Writes the file atomically: under another name, synchronised to disk, then renamed. After kIo an
// earlier file is unchanged.
Result<void> write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

// Reads a file; the tensors are on the CPU. kNotFound if there is none, kBadInput if it is
// truncated, corrupt, of another version or larger than kMostCheckpointFileBytes.
Result<Checkpoint> read_checkpoint(const std::filesystem::path& path);

// Writes `checkpoint` as the folder's last one; the former last one becomes the previous one.
// Creates the folder if it is missing. After kIo there is still a readable checkpoint if there was
// one.
Result<void> save_last_checkpoint(const std::filesystem::path& folder,
                                  const Checkpoint& checkpoint);

// The readable checkpoint of this config and seed with the most progress: of "last" (else
// "previous") and "stored", in either format. Files that cannot be used are reported to `warn` and
// not changed. None if no file can be used.
std::optional<Checkpoint> load_last_checkpoint(const std::filesystem::path& folder,
                                               const std::string& config_hash, std::int64_t seed,
                                               const std::function<void(const std::string&)>& warn);

// Every tensor of `part` with "<prefix>." before its name.
void append_with_prefix(NamedTensors& tensors, const std::string& prefix, const NamedTensors& part);

// The tensors under "<prefix>.", without it.
NamedTensors part_of(const NamedTensors& tensors, const std::string& prefix);

}  // namespace firesweep
