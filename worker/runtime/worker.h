// The program firesweep-worker, except LibTorch.
#pragma once

#include <string>
#include <vector>

#include "worker/runtime/torch_training.h"
#include "worker/runtime/verbs/dataset_verbs.h"

namespace firesweep {

// Runs the command given by the words after the program's name; returns the exit code. A build that
// cannot download passes no `fetch`. Call from the main thread before any other thread exists.
// Throws only if the environment fails.
int run_worker(const std::vector<std::string>& words, const TorchTraining& torch,
               FetchFunction fetch);

}  // namespace firesweep
