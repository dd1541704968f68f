// Short trainings by the trainer itself.
#pragma once

#include <string>

#include "worker/training/trainer.h"

namespace firesweep::bench {

// Two epochs of a file of architectures/ in the default recipe, on `train_size` images; 64 more are
// held out, 64 are tested.
TrainJob small_job(const std::string& variant, std::int64_t batch, std::int64_t train_size);

// "finished", "stopped after 1 epochs", "OOM: …".
std::string describe(const TrainOutcome& outcome);

}  // namespace firesweep::bench
