// `verify-resume`: checks on this machine, with the real trainer, that a training which is killed
// and resumed gives the same result, bit for bit, as an uninterrupted one (PROMISES §6).
#pragma once

#include "worker/runtime/options/options.h"
#include "worker/runtime/torch_training.h"

namespace firesweep {

// Trains a small trial without interruption. Trains it again, kills it at a batch drawn from the
// printed seed, and resumes it. Compares weights, optimizer, averages, metrics and result. Each
// training is a separate process. kWorkerDone: equal; kWorkerFailed: they differ (the first
// difference is named), or a training failed; kWorkerUsage: nothing began. Call from the main
// thread.
int verify_resume(const command::VerifyResume& verify, const TorchTraining& torch);

// Its child process: trains in `folder`, writes folder/outcome, and kills itself after unit
// `kill_at` (0: never).
int train_to_verify(const command::TrainToVerify& train, const TorchTraining& torch);

}  // namespace firesweep
