// `firesweep-worker export-model`: writes a model for Python from its card and its checkpoint.
#pragma once

#include "worker/runtime/options/options.h"
#include "worker/runtime/torch_training.h"

namespace firesweep {

// Reads the card, finds the checkpoint and writes model.safetensors and model.py beside the card.
// Prints the files' names, or the error. Returns the exit code.
int export_verb(const command::ExportModel& wanted, const TorchTraining& torch);

}  // namespace firesweep
