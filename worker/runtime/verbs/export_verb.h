// `firesweep-worker export-model`: from a model's card and its checkpoint to files that Python
// reads.
#pragma once

#include "worker/runtime/options/options.h"
#include "worker/runtime/torch_training.h"

namespace firesweep {

// Reads the card, finds the checkpoint and writes model.safetensors and model.py beside the card.
// Prints what was written, or the error. Returns the exit code.
int export_verb(const command::ExportModel& wanted, const TorchTraining& torch);

}  // namespace firesweep
