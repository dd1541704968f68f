// Running out of the device's memory on purpose: on a GPU all of it but a few GiB is held, and the
// batch needs more than these. The trainer is to try again alone, then with micro-batches, and to
// finish. On the CPU the shortage is pretended: its allocator seldom says no, the kernel kills
// instead.
#include <ATen/ops/empty.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <algorithm>
#include <new>
#include <stdexcept>

#include "bench/gpu_stages/made_up.h"
#include "bench/gpu_stages/parts.h"
#include "bench/gpu_stages/trial.h"
#include "worker/training/device.h"

namespace firesweep::bench {
namespace {

// v1 in bf16 needs some 4.4 MiB an image: 18 GiB for the batch, 5 for a quarter of it.
constexpr std::int64_t kLargeBatch = 4096;
constexpr std::int64_t kLeft = std::int64_t{8} << 30;  // bytes

// Takes the device's free memory but kLeft; undefined where it is none of CUDA's or has no more.
at::Tensor hold_memory(const Task& task) {
  const auto device = open_device(task.options.device);
  if (!device) throw std::runtime_error(to_string(device.error()));
  if (!device->is_cuda()) return {};
  const auto [free, total] = c10::getDeviceAllocator(at::kCUDA)->getMemoryInfo(device->index());
  const auto spare = static_cast<std::int64_t>(free) - kLeft;
  if (spare <= 0) return {};
  return at::empty({spare}, at::TensorOptions(*device).dtype(at::kByte));
}

double gib(std::int64_t bytes) { return static_cast<double>(bytes) / (1 << 30); }

}  // namespace

void measure_memory(const Task& task) {
  const bool cpu = task.options.device == "cpu";
  const std::string variant = cpu ? "v3" : "v1";
  const std::int64_t batch = cpu ? 16 : kLargeBatch;
  const Dataset dataset = images_for(task, batch + 640, 100);
  const TrainJob job = small_job(variant, batch, batch);
  int pretended = cpu ? 3 : 0;
  Facts warnings = Facts::array();
  int alone = 0;
  TrainCallbacks callbacks;
  callbacks.unit = [&](const LiveProgress&) {
    if (pretended-- > 0) throw std::bad_alloc();
  };
  callbacks.warned = [&](const std::string& text) { warnings.push_back(text); };
  callbacks.alone = [&] {
    ++alone;
    return true;
  };
  at::Tensor held = hold_memory(task);
  const std::int64_t held_bytes = held.defined() ? held.numel() : 0;
  const Clock::time_point begin = Clock::now();
  const TrainOutcome outcome = train(job, dataset, {task.options.device, {}}, callbacks);
  const auto* finished = std::get_if<TrainFinished>(&outcome);
  Facts facts = {{"variant", variant},
                 {"batch", batch},
                 {"shortage", cpu ? "pretended" : "real"},
                 {"held_gib", gib(held_bytes)},
                 {"ended", describe(outcome)},
                 {"tries", warnings.size() + 1},
                 {"asked_to_be_alone", alone},
                 {"seconds", std::chrono::duration<double>(Clock::now() - begin).count()}};
  if (finished != nullptr) {
    facts["numeric_class"] = finished->result.numeric_class;
    facts["peak_gib"] = gib(finished->result.peak_memory_bytes - held_bytes);
  }
  facts["warnings"] = warnings;
  tell(task, "out of memory", facts);

  Expectations expectations;
  expectations.expect(finished != nullptr, "the trial finishes with micro-batches");
  expectations.expect(!warnings.empty(), "memory runs out");
  // The process must be whole afterwards, still with what is left.
  const DeviceMemory left = device_memory(task.options.device);
  const TrainOutcome after = train(small_job("v3", 16, 96), dataset, {task.options.device, {}}, {});
  expectations.expect(std::holds_alternative<TrainFinished>(after),
                      "a small trial finishes afterwards");
  tell(task, "afterwards",
       {{"small_trial", describe(after)}, {"other_memory_gib", gib(left.other_bytes)}});
  expectations.check();
}

}  // namespace firesweep::bench
