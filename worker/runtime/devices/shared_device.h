// A GPU whose memory several slots share. A trial begins when it fits beside the others, and gets
// the device for itself after it ran out of memory. device_place.h decides that.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "shared/base/error.h"
#include "shared/wire/messages.h"
#include "worker/runtime/options/options.h"
#include "worker/runtime/stop_flag.h"
#include "worker/training/trainer.h"

namespace firesweep {

struct SharedDevice {
  std::filesystem::path ledger;
  std::int64_t memory_bytes = 0;
  // Called with the reason if a trial failed and this process cannot use the device any more,
  // because of a fault or the end of its MPS server. Only another process can use it then. May be
  // empty.
  std::function<void(const std::string&)> lost;
};

// The folder of the ledgers of this user's workers on this host, one file per GPU: below
// XDG_RUNTIME_DIR, else in the folder for temporary files under a name with the user's id. Created
// if it is missing. kIo if that is impossible, kConflict if it belongs to another user.
Result<std::filesystem::path> ledger_folder(const Environment& environment);

// Waits until the trial may use the device, then runs `train`, and releases the device when it
// returns:
// - While it waits, it logs the reason, calls `callbacks.waits` repeatedly, and obeys `stop`. Then
// it
//   returns TrainStopped without a checkpoint.
// - It calls `memory` after the first 16 units of work, after each epoch and at the end. The result
//   decides which trials fit beside such a trial.
// - It calls `train` with `callbacks`, in which it sets `alone`.
// If the ledger cannot be opened, it logs that and trains at once. Throws std::system_error if an
// open ledger fails, and what `train` throws.
TrainOutcome train_on_shared(const SharedDevice& device, const Assign& assign, const StopFlag& stop,
                             const TrainCallbacks& callbacks,
                             const std::function<DeviceMemory()>& memory,
                             const std::function<TrainOutcome(const TrainCallbacks&)>& train);

}  // namespace firesweep
