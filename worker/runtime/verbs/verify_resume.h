// `verify-resume`: shows on this machine, with the real trainer, that a training that is killed and
// resumed ends bit for bit like one that nobody touched (PROMISES §6).
#pragma once

#include "worker/runtime/options/options.h"
#include "worker/runtime/torch_training.h"

namespace firesweep {

// Trains a small trial whole, kills the same trial at a batch drawn from the printed seed, resumes
// it, and compares weights, optimizer, averages, metrics and result. Each training is a process of
// its own. kWorkerDone: equal; kWorkerFailed: they differ (the first difference is named), or one
// did not end as it should; kWorkerUsage: nothing began. Call from the main thread.
int verify_resume(const command::VerifyResume& verify, const TorchTraining& torch);

// Its child: trains in `folder`, writes folder/outcome, and kills itself after unit `kill_at` (0:
// never).
int train_to_verify(const command::TrainToVerify& train, const TorchTraining& torch);

}  // namespace firesweep
