// A GPU whose memory slots share: a trial begins when its memory fits beside the others', and has
// the device to itself after running out of memory. Which trials those are, and what the ledgers
// say, is device_place.h's.
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
  // Told, with the reason, where a trial failed and the device answers this process no more: a
  // fault, or the end of its MPS server. Only another process can use it then. May be empty.
  std::function<void(const std::string&)> lost;
};

// Where this user's workers on this host keep their ledgers, a file per GPU: below XDG_RUNTIME_DIR,
// else in the folder for temporary files under a name with the user's id. Made where missing.
// kIo where that is impossible, kConflict where the place is another user's.
Result<std::filesystem::path> ledger_folder(const Environment& environment);

// Runs `train`, once the trial has its place on the device, and keeps the place until it returns:
// - While it waits it logs for what, tells `callbacks.waits` again and again, and obeys `stop`:
//   then TrainStopped, of no checkpoint.
// - `memory` is asked after the first 16 units of work, after each epoch and at the end, and what
// it
//   says decides who fits beside such trials.
// - The callbacks given to `train` are `callbacks` with `alone` filled in.
// Where the ledger cannot be opened it says so and trains at once. Throws std::system_error where
// an open one breaks, and what `train` throws.
TrainOutcome train_on_shared(const SharedDevice& device, const Assign& assign, const StopFlag& stop,
                             const TrainCallbacks& callbacks,
                             const std::function<DeviceMemory()>& memory,
                             const std::function<TrainOutcome(const TrainCallbacks&)>& train);

}  // namespace firesweep
