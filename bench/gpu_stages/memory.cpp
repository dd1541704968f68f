// Running out of the device's memory on purpose: on a GPU by a batch that cannot fit. The trainer
// is to try again alone, then in parts, and to finish. On the CPU the shortage is pretended: its
// allocator seldom says no, the kernel kills instead.
#include <new>
#include <stdexcept>

#include "bench/gpu_stages/made_up.h"
#include "bench/gpu_stages/parts.h"
#include "bench/gpu_stages/trial.h"

namespace firesweep::bench {

void measure_memory(const Task& task) {
  const bool cpu = task.options.device == "cpu";
  const std::string variant = cpu ? "v3" : "v1";
  const std::int64_t batch = cpu ? 16 : 16'384;
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
  const Clock::time_point begin = Clock::now();
  const TrainOutcome outcome = train(job, dataset, {task.options.device, {}}, callbacks);
  const auto* finished = std::get_if<TrainFinished>(&outcome);
  Facts facts = {{"variant", variant},
                 {"batch", batch},
                 {"shortage", cpu ? "pretended" : "real"},
                 {"ended", describe(outcome)},
                 {"tries", warnings.size() + 1},
                 {"asked_to_be_alone", alone},
                 {"seconds", std::chrono::duration<double>(Clock::now() - begin).count()}};
  if (finished != nullptr) {
    facts["numeric_class"] = finished->result.numeric_class;
    facts["peak_gib"] = static_cast<double>(finished->result.peak_memory_bytes) / (1 << 30);
  }
  facts["warnings"] = warnings;
  tell(task, "out of memory", facts);

  Doubts doubts;
  doubts.expect(finished != nullptr, "the trial finishes in parts");
  doubts.expect(!warnings.empty(), "memory runs out");
  // The process must be whole afterwards, and have its memory back.
  const DeviceMemory left = device_memory(task.options.device);
  const TrainOutcome after = train(small_job("v3", 16, 96), dataset, {task.options.device, {}}, {});
  doubts.expect(std::holds_alternative<TrainFinished>(after), "a small trial finishes afterwards");
  tell(task, "afterwards",
       {{"small_trial", describe(after)},
        {"other_memory_gib", static_cast<double>(left.other_bytes) / (1 << 30)}});
  doubts.settle();
}

}  // namespace firesweep::bench
