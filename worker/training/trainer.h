// Facade of the training room: free of torch, so that the runtime compiles without it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "shared/domain/checkpoint_rules.h"
#include "shared/domain/layers.h"
#include "shared/domain/metrics.h"
#include "shared/domain/trial_config.h"
#include "shared/domain/trial_state.h"
#include "worker/datasets/dataset.h"

namespace firesweep {

// The suffix of a checkpoint's file (checkpoint.h), and what earlier builds wrote.
inline constexpr const char* kCheckpointFormat = "safetensors";
inline constexpr const char* kFormerCheckpointFormat = "pt";

// Where a trial trains on this host.
struct TrainLocation {
  std::string device = "cpu";               // "cpu" or "cuda:N"
  std::filesystem::path checkpoint_folder;  // the trial's own folder; empty: no checkpoints
};

// A shorter training of the same (shared/domain/longer_training.h), and where its checkpoint may
// lie.
struct BegunAs {
  std::string config_hash;
  std::filesystem::path folder;
};

struct TrainJob {
  TrialConfig config;
  ResolvedArchitecture architecture;
  std::string config_hash;
  double train_seconds_before = 0;  // by earlier attempts
  CheckpointRules checkpoint;       // when to write one; what stays is the runtime's matter
  // Where the trial's own folder has no checkpoint, it begins from the furthest of these.
  std::vector<BegunAs> begun_as = {};
};

// Called on the training thread; must return quickly. Any of them may be empty.
struct TrainCallbacks {
  std::function<void(std::int64_t resumed_from_epoch)> started;  // before the first batch
  std::function<void(const LiveProgress&)> unit;                 // after every unit of work
  std::function<void(const EpochMetrics&)> epoch;  // after the epoch's checkpoint, if one is due,
                                                   // is on disk; a resumed trial tells its last
                                                   // epoch once more
  // The folder's checkpoint has changed, or is what a resumed trial began from: it holds so many
  // whole epochs. Not told of the one that a stopped trial leaves.
  std::function<void(std::int64_t epochs)> saved;
  std::function<bool()> stop_requested;  // polled between batches
  // A checkpoint that cannot be used, and why; training then begins without it. And what was tried
  // after memory had run out.
  std::function<void(const std::string&)> warned;
  // After the device ran out of memory and all of the trial's was given back: waits until the trial
  // has the device to itself; false where it was asked to stop meanwhile. Empty: nobody shares it.
  std::function<bool()> alone;
  // Told by who waits for a device on the trial's behalf, again and again.
  std::function<void()> waits;
};

// How training ended.
struct TrainFinished {
  TrialResult result;
};
struct TrainStopped {  // as asked; the newest checkpoint holds this many whole epochs (0: none)
  std::int64_t checkpoint_epoch = 0;
};
struct TrainFailed {
  Reason reason = Reason::kError;  // kOom, kNan, kBadConfig, kError
  std::string message;
  std::int64_t checkpoint_epoch = 0;
};
using TrainOutcome = std::variant<TrainFinished, TrainStopped, TrainFailed>;

// Trains one trial to its end on the calling thread: data → augmentation → model → loss → optimizer
// → schedule → evaluation → checkpoint. Resumes from the folder's last checkpoint where its config
// hash and seed agree: bit for bit as if it had never stopped, on a host of the same numeric class.
// Asked to stop, it leaves a checkpoint of the very batch. Never throws; every failure is typed and
// leaves the checkpoints written so far. Memory of a GPU is given back at the end. One call at a
// time in a process.
TrainOutcome train(const TrainJob& job, const Dataset& dataset, const TrainLocation& place,
                   const TrainCallbacks& callbacks);

// Once per process, before any tensor is made: intra-op threads, and what CUDA reads from the
// environment. allocator.h has what belongs into main before that.
void set_up_training(int threads);

// What lies on a CUDA device, in bytes.
struct DeviceMemory {
  std::int64_t peak_bytes = 0;   // the most that this process's allocator held since train() began
  std::int64_t other_bytes = 0;  // what it does not hold: contexts, libraries, other processes
};
// Of this moment; zeros where the device is none of CUDA's. On the training thread.
DeviceMemory device_memory(const std::string& device);

// What this build and host offer; for Hello and the result row.
std::string torch_version();
std::vector<std::string> amp_kinds(const std::string& device);
// sha256 over every tensor of a checkpoint file (name, type, shape, elements), its epoch and batch:
// equal where nothing that training computes differs. Errors of read_checkpoint.
Result<std::string> tensors_digest(const std::filesystem::path& checkpoint);
// Class of machines and builds within which numbers repeat bit for bit.
std::string numeric_class(const std::string& device, int threads);
// Devices that can train: "cpu", or "cuda:0", … Initialises CUDA: call in a short-lived process
// only.
std::vector<std::string> probe_cuda_devices();

}  // namespace firesweep
