// The functions of the training room that the runtime calls. main passes them, so that this library
// does not link LibTorch and tests can use their own functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "worker/training/export/export_model.h"
#include "worker/training/kernels/gpu_driver.h"
#include "worker/training/speed.h"
#include "worker/training/trainer.h"

namespace firesweep {

// As declared in worker/training/trainer.h, unless another header is named. All null: this build
// has only the simulated trainer.
struct TorchTraining {
  TrainOutcome (*train)(const TrainJob&, const Dataset&, const TrainLocation&,
                        const TrainCallbacks&) = nullptr;
  void (*set_up)(int threads) = nullptr;
  std::string (*version)() = nullptr;
  std::vector<std::string> (*amp_kinds)(const std::string& device) = nullptr;
  std::vector<std::string> (*probe_cuda_devices)() = nullptr;

  // As declared in worker/training/export/export_model.h.
  Result<void> (*export_model)(const ModelExport&) = nullptr;
  Result<std::string> (*tensors_digest)(const std::filesystem::path& checkpoint) = nullptr;

  // As declared in worker/training/speed.h.
  Speed (*measure_speed)(const SpeedOrder&, const std::function<void()>& ready) = nullptr;

  double (*probe_speed)(const ProbeOrder&) = nullptr;

  DeviceMemory (*device_memory)(const std::string& device) = nullptr;

  // As ask_gpu_driver in worker/training/kernels/gpu_driver.h.
  std::optional<GpuFacts> (*gpu_facts)(int device) = nullptr;

  explicit operator bool() const { return train != nullptr; }
};

}  // namespace firesweep
