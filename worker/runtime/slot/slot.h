// The process of one slot: everything between its command line and its loop.
#pragma once

#include "worker/runtime/options/options.h"
#include "worker/runtime/torch_training.h"

namespace firesweep {

// Serves the coordinator until it has to exit; SIGTERM, SIGINT and SIGUSR1 drain. Prints errors for
// users to standard error and returns the process's exit code (exit_codes.h). If a trial still runs
// at the end (a trainer that hangs), it ends the process instead of returning. Call from the main
// thread.
int run_slot(const command::RunSlot& command, const TorchTraining& torch);

}  // namespace firesweep
