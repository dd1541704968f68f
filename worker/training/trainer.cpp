#include "worker/training/trainer.h"

#include <ATen/Parallel.h>
#include <c10/core/StreamGuard.h>
#include <c10/util/Exception.h>

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "worker/training/device.h"
#include "worker/training/trial_run.h"

namespace firesweep {
namespace {

// LibTorch has a type for a GPU that ran out of memory, but only words for the CPU's allocator and
// CUDA's libraries.
bool tells_of_memory(std::string_view message) {
  for (const std::string_view words :
       {"can't allocate memory", "not enough memory", "out of memory", "CUDNN_STATUS_ALLOC_FAILED",
        "CUBLAS_STATUS_ALLOC_FAILED"})
    if (message.find(words) != std::string_view::npos) return true;
  return false;
}

// The first line: LibTorch appends where in its sources the error arose.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

bool out_of_memory(const std::exception& error) {
  return dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr ||
         dynamic_cast<const std::bad_alloc*>(&error) != nullptr || tells_of_memory(error.what());
}

// Trains. If the device runs out of memory, tries again from the newest checkpoint, alone on the
// device and with the number of micro-batches that micro_batches_after_oom gives. Throws if that
// does not help.
TrainOutcome train_or_throw(const TrainJob& job, const Dataset& dataset, const TrainLocation& place,
                            const TrainCallbacks& callbacks, at::Device device,
                            std::int64_t& checkpoint_epoch) {
  const auto recipe = make_recipe(job, dataset, device);
  if (!recipe) return TrainFailed{Reason::kBadConfig, to_string(recipe.error()), 0};
  set_deterministic(job.config.deterministic);
  reset_peak_memory(device);
  const c10::StreamGuard current(training_stream(device));
  TrainCallbacks told = callbacks;  // of which `started` is for the first try alone
  told.started = [&, started = false](std::int64_t epoch) mutable {
    if (callbacks.started && !std::exchange(started, true)) callbacks.started(epoch);
  };
  std::int64_t micro_batches = 1;
  for (std::int64_t failures = 1;; ++failures) {
    if (failures > 1 && callbacks.alone && !callbacks.alone())
      return TrainStopped{checkpoint_epoch};
    try {
      return TrialRun(job, dataset, place, told, *recipe, micro_batches, checkpoint_epoch).run();
    } catch (const std::exception& error) {
      if (!out_of_memory(error)) throw;
      release_cached_memory(device);
      const auto next = micro_batches_after_oom(failures, job.config.batch_size);
      if (!next) throw;
      micro_batches = *next;
      if (callbacks.warned) {
        callbacks.warned(first_line(error.what()) + "; trying again" +
                         (callbacks.alone ? " alone on the device" : "") + " with " +
                         (micro_batches == 1 ? "whole batches"
                                             : std::to_string(micro_batches) + " micro-batches"));
      }
    }
  }
}

}  // namespace

TrainOutcome train(const TrainJob& job, const Dataset& dataset, const TrainLocation& place,
                   const TrainCallbacks& callbacks) {
  std::int64_t checkpoint_epoch = 0;
  const auto failed = [&](Reason reason, const std::string& message) -> TrainOutcome {
    return TrainFailed{reason, message, checkpoint_epoch};
  };
  try {
    at::init_num_threads();  // OpenMP keeps the number of threads per calling thread
    const auto device = open_device(place.device);
    if (!device) return failed(Reason::kError, to_string(device.error()));
    try {
      TrainOutcome outcome =
          train_or_throw(job, dataset, place, callbacks, *device, checkpoint_epoch);
      release_cached_memory(*device);
      return outcome;
    } catch (const std::exception& error) {
      release_cached_memory(*device);
      return failed(out_of_memory(error) ? Reason::kOom : Reason::kError, first_line(error.what()));
    }
  } catch (const std::exception& error) {
    return failed(Reason::kError, first_line(error.what()));
  } catch (...) {
    return failed(Reason::kError, "an exception of an unknown type");
  }
}

}  // namespace firesweep
