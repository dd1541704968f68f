// Turns a lease into a run of the right trainer: finds the images and the checkpoint folder, and
// types whatever goes wrong. Owns the datasets opened so far; knows no socket and no agent.
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

// True where running the trial takes no time worth a thread: simulated, of no duration and not of
// absurdly many epochs.
bool is_instantaneous(const Assign& assign);

// run() is called by one thread at a time; forget() from any.
class TrialRunner {
 public:
  // Without a courier no checkpoint travels; it must outlive this. Where the device is shared, a
  // trial of the torch trainer waits for its turn on it. `notes` are told of every epoch that it
  // trains, where there are any.
  TrialRunner(TorchTraining torch, Locations data, CheckpointFolders folders, std::string device,
              CheckpointCourier* courier = nullptr, std::optional<SharedDevice> shared = {},
              std::optional<SpeedNotes> notes = {});

  // Runs one attempt to its end on the calling thread. A dataset that is missing, damaged or not
  // the one of the sweep is kError, so that another host may have it right; a trainer that is not
  // known here is kBadConfig. Never throws. The stop is `stop`'s to tell, whatever `callbacks`
  // has for it, and warnings go to the log.
  TrainOutcome run(const Assign& assign, TrainCallbacks callbacks, const StopFlag& stop);

  // Of the run that goes on or was last, on its thread: whether the coordinator's checkpoint could
  // not be fetched; the number of the one that was sent when it stopped, 0 for none.
  bool checkpoint_missed() const { return checkpoint_missed_; }
  std::int64_t upload() const { return upload_; }

  // Neither side will speak of this attempt again: where it finished, what only served to resume it
  // is removed, and of weights what the sweep's rules leave no room for.
  void forget(TrialKey key);

 private:
  TrainOutcome run_checked(const Assign& assign, const TrainCallbacks& callbacks,
                           const StopFlag& stop);
  TrainOutcome train(const Assign& assign, const TrainPlace& place, const TrainCallbacks& callbacks,
                     const StopFlag& stop);
  Result<Dataset> dataset(const Assign& assign);

  const TorchTraining torch_;
  const Locations data_;
  const CheckpointFolders folders_;
  const std::string device_;
  CheckpointCourier* const courier_;
  const std::optional<SharedDevice> shared_;
  std::optional<SpeedNotes> notes_;
  bool checkpoint_missed_ = false;
  std::int64_t upload_ = 0;
  std::map<std::string, Dataset> datasets_;  // by name
  std::mutex mutex_;
  struct Finished {
    FinishedTrial trial;
    CheckpointRules rules;
  };
  std::map<TrialKey, Finished> finished_;  // guarded by mutex_
};

}  // namespace firesweep
