// Facade of the training room for exporting a trained model: free of torch, so that the runtime
// compiles without it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "shared/base/error.h"
#include "shared/domain/layers.h"
#include "worker/training/export/python_model.h"

namespace firesweep {

struct ModelExport {
  ResolvedArchitecture architecture;
  PixelMoments moments;
  std::span<const std::string_view> class_names;  // by number; empty: not known
  std::string about;                              // one line: which trial, trained on what
  std::map<std::string, std::string> metadata;
  std::string config_hash;  // whose weights the checkpoint must hold
  std::int64_t seed = 0;
  std::int64_t batch_size = 0;
  std::filesystem::path checkpoint;  // a selected.safetensors
  std::filesystem::path folder;      // exists
};

// Writes model.safetensors (including BatchNorm's num_batches_tracked) and model.py into the
// folder, each atomically, and replaces older ones. kNotFound if there is no checkpoint; kBadInput
// if it is damaged, of another trial, or does not fit the architecture; kIo if the folder cannot be
// written.
Result<void> export_model(const ModelExport& wanted);

}  // namespace firesweep
