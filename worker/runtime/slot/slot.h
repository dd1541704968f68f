// The process of one slot: everything between its command line and its loop.
#pragma once

#include "worker/runtime/options/options.h"
#include "worker/runtime/torch_training.h"

namespace firesweep {

// Serves the coordinator until it has to leave; SIGTERM, SIGINT and SIGUSR1 drain. Returns the
// process's exit code (exit_codes.h), having said on standard error what a person should know.
// Where a trial still runs at the end (a wedged trainer) it does not return but ends the process.
// Call from the main thread.
int run_slot(const command::RunSlot& command, const TorchTraining& torch);

}  // namespace firesweep
