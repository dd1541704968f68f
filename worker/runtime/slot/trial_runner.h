// Runs the right trainer for a lease: finds the images and the checkpoint folder, and turns
// failures into typed outcomes. Owns the opened datasets; knows no socket and no agent.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "shared/wire/messages.h"
#include "worker/runtime/checkpoints/checkpoint_courier.h"
#include "worker/runtime/checkpoints/checkpoint_folders.h"
#include "worker/runtime/checkpoints/weights_kept.h"
#include "worker/runtime/devices/shared_device.h"
#include "worker/runtime/slot/speed_notes.h"
#include "worker/runtime/stop_flag.h"
#include "worker/runtime/torch_training.h"

namespace firesweep {

// True if the trial takes so little time that it needs no thread: a simulated trial without
// duration and without very many epochs.
bool is_instantaneous(const Assign& assign);

// One thread at a time may call run(); any thread may call forget().
class TrialRunner {
 public:
  // Without a courier no checkpoint is transferred; it must outlive this. If the device is shared,
  // a trial of the torch trainer waits until it may use the device. `notes`, if given, get every
  // epoch that was trained.
  TrialRunner(TorchTraining torch, Locations data, CheckpointFolders folders, std::string device,
              CheckpointCourier* courier = nullptr, std::optional<SharedDevice> shared = {},
              std::optional<SpeedNotes> notes = {});

  // Runs one attempt to its end on the calling thread. A dataset that is missing, damaged or not
  // the sweep's is kError, since another host may have the right one; an unknown trainer is
  // kBadConfig. Never throws. Only `stop` stops it, not the callback for that; warnings are logged.
  TrainOutcome run(const Assign& assign, TrainCallbacks callbacks, const StopFlag& stop);

  // For the present or last run, on its thread: whether the coordinator's checkpoint could not be
  // downloaded, or a longer trial began from nothing since no shorter one's was found; the number
  // of the checkpoint that was uploaded when it stopped, 0 for none.
  bool checkpoint_missed() const { return checkpoint_missed_; }
  std::int64_t upload() const { return upload_; }

  // Call when the attempt is over for worker and coordinator. If it finished, this removes the
  // files for resuming it, and the weights that the sweep's rules do not keep.
  void forget(TrialKey key);
  // Nobody will speak of the attempts so far, whose keys may come again. What serves to resume them
  // stays.
  void begin_generation();

 private:
  TrainOutcome run_checked(const Assign& assign, const TrainCallbacks& callbacks,
                           const StopFlag& stop);
  TrainOutcome train(const Assign& assign, const TrainLocation& place,
                     const TrainCallbacks& callbacks, const StopFlag& stop);
  Result<Dataset> dataset(const Assign& assign);
  std::vector<BegunAs> find_earlier(const Assign& assign, const std::filesystem::path& folder,
                                    const std::vector<std::string>& formats,
                                    const StopFlag& stop) const;
  void miss_earlier(const Assign& assign);

  const TorchTraining torch_;
  const Locations data_;
  const CheckpointFolders folders_;
  const std::string device_;
  CheckpointCourier* const courier_;
  const std::optional<SharedDevice> shared_;
  std::optional<SpeedNotes> notes_;
  bool checkpoint_missed_ = false;
  std::int64_t upload_ = 0;
  std::vector<BegunAs> begun_as_;            // of the present run
  std::map<std::string, Dataset> datasets_;  // by name
  std::mutex mutex_;
  struct Finished {
    FinishedTrial trial;
    CheckpointRules rules;
    bool may_be_continued = false;
  };
  std::map<TrialKey, Finished> finished_;  // guarded by mutex_
};

}  // namespace firesweep
