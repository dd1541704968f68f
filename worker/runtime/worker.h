// The whole program firesweep-worker, less LibTorch.
#pragma once

#include <string>
#include <vector>

#include "worker/runtime/torch_training.h"
#include "worker/runtime/verbs/dataset_verbs.h"

namespace firesweep {

// Does what the words after the program's name ask for; returns the exit code. A build that
// downloads nothing hands over no `fetch`. Call from the main thread before any other exists.
// Throws only what the environment breaks.
int run_worker(const std::vector<std::string>& words, const TorchTraining& torch,
               FetchFunction fetch);

}  // namespace firesweep
