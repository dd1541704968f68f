#include <exception>
#include <iostream>

#include "shared/base/standard_streams.h"
#include "worker/datasets/fetch.h"
#include "worker/runtime/exit_codes.h"
#include "worker/runtime/worker.h"
#include "worker/training/allocator.h"
#include "worker/training/export/export_model.h"
#include "worker/training/kernels/gpu_driver.h"
#include "worker/training/speed.h"
#include "worker/training/trainer.h"

namespace {

#ifdef FIRESWEEP_WITH_DOWNLOADS
constexpr firesweep::FetchFunction kFetch = firesweep::fetch_dataset;
#else
constexpr firesweep::FetchFunction kFetch = nullptr;
#endif

}  // namespace

int main(int argc, char** argv) {
  firesweep::open_standard_streams();
  firesweep::keep_malloc_pages();
  try {
    const int code = firesweep::run_worker({argv + 1, argv + argc},
                                           {.train = firesweep::train,
                                            .set_up = firesweep::set_up_training,
                                            .version = firesweep::torch_version,
                                            .amp_kinds = firesweep::amp_kinds,
                                            .probe_cuda_devices = firesweep::probe_cuda_devices,
                                            .export_model = firesweep::export_model,
                                            .tensors_digest = firesweep::tensors_digest,
                                            .measure_speed = firesweep::measure_speed,
                                            .probe_speed = firesweep::probe_speed,
                                            .device_memory = firesweep::device_memory,
                                            .gpu_facts = firesweep::ask_gpu_driver},
                                           kFetch);
    const auto unwritten = firesweep::flush_standard_output();
    if (!unwritten) return code;
    std::cerr << "firesweep-worker: standard output: " << *unwritten << std::endl;
    return code == firesweep::kWorkerDone ? firesweep::kWorkerFailed : code;
  } catch (const std::exception& broken) {
    std::cerr << "firesweep-worker: " << broken.what() << std::endl;
    return firesweep::kWorkerFailed;
  }
}
