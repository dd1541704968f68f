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
// wrote another format under *.pt, which is still read (checkpoint_v1.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "shared/base/error.h"
#include "shared/domain/metrics.h"
#include "worker/training/evaluate.h"
#include "worker/training/model.h"

namespace firesweep {

inline constexpr int kCheckpointVersion = 2;

// The sums of the running epoch so far.
struct EpochSums {
  double loss = 0;  // over images, with label smoothing
  std::int64_t correct = 0;
  std::int64_t images = 0;
  double seconds = 0;  // of training steps
  friend bool operator==(const EpochSums&, const EpochSums&) = default;
};

struct Checkpoint {
  // whose it is
  std::string config_hash;
  std::int64_t seed = 0;
  std::string numeric_class;
  bool exact = true;  // every attempt so far ran in that numeric class

  // where it stands
  std::int64_t epoch = 0;  // complete, evaluated and selected from
  std::int64_t batch = 0;  // complete within the next epoch
  EpochSums sums;          // of the next epoch
  double train_seconds = 0;
  double step_seconds = 0;  // of training steps, all epochs
  std::int64_t step_images = 0;

  // what was found
  std::optional<EpochMetrics> last_epoch;  // of epoch `epoch`
  double best_metric = 0;                  // best validation accuracy so far
  std::int64_t best_epoch = 0;
  std::int64_t selected_epoch = 0;
  std::optional<Evaluation> selected;  // the selected epoch's validation

  // "model.…", "optimizer.…", "average.…" and "scaler.…"; "selected.…" where those weights are not
  // the model's
  NamedTensors tensors;
};

// "last.safetensors" of "last".
std::string checkpoint_file(const std::string& name);

// Writes the file atomically: under another name, synchronised to disk, then renamed. After kIo an
// earlier file is unchanged.
Result<void> write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

// Reads a file; the tensors are on the CPU. kNotFound if there is none, kBadInput if it is
// truncated, corrupt or of another version.
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
