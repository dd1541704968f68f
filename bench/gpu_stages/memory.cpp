// Running out of the device's memory on purpose: a batch that cannot fit. The trainer is to try
// again alone, then in parts, and to finish; the CPU's memory is cut off by a limit for that.
#include <sys/resource.h>

#include <fstream>
#include <stdexcept>

#include "bench/gpu_stages/made_up.h"
#include "bench/gpu_stages/parts.h"
#include "bench/gpu_stages/trial.h"

namespace firesweep::bench {
namespace {

// Address space of this process limited to what it has and `bytes` more, for the life of the
// object.
class MemoryLimit {
 public:
  explicit MemoryLimit(std::int64_t bytes) {
    ::getrlimit(RLIMIT_AS, &before_);
    std::int64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    rlimit limit = before_;
    limit.rlim_cur = static_cast<rlim_t>(pages * 4096 + bytes);
    ::setrlimit(RLIMIT_AS, &limit);
  }
  MemoryLimit(const MemoryLimit&) = delete;
  ~MemoryLimit() { ::setrlimit(RLIMIT_AS, &before_); }

 private:
  rlimit before_{};
};

}  // namespace

void measure_memory(const Task& task) {
  const bool cpu = task.options.device == "cpu";
  const std::string variant = cpu ? "v3" : "v1";
  const std::int64_t batch = cpu ? 128 : 16'384;
  const Dataset dataset = images_for(task, batch + 640, 100);
  TrainJob job = small_job(variant, batch, batch);
  std::optional<MemoryLimit> limit;
  if (cpu) {
    job.config.amp = "off";
    train(small_job(variant, 8, 16), dataset, {}, {});  // what a first step makes for good
    limit.emplace(std::int64_t{320} << 20);
  }
  Facts warnings = Facts::array();
  int alone = 0;
  TrainCallbacks callbacks;
  callbacks.warned = [&](const std::string& text) { warnings.push_back(text); };
  callbacks.alone = [&] {
    ++alone;
    return true;
  };
  const Clock::time_point begin = Clock::now();
  const TrainOutcome outcome = train(job, dataset, {task.options.device, {}}, callbacks);
  limit.reset();
  const auto* finished = std::get_if<TrainFinished>(&outcome);
  Facts facts = {{"variant", variant},
                 {"batch", batch},
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

  // The process must be whole afterwards, and have its memory back.
  Doubts doubts;
  doubts.expect(finished != nullptr, "the trial finishes in parts");
  doubts.expect(!warnings.empty(), "memory runs out");
  const DeviceMemory left = device_memory(task.options.device);
  const TrainOutcome after = train(small_job("v3", 16, 96), dataset, {task.options.device, {}}, {});
  doubts.expect(std::holds_alternative<TrainFinished>(after), "a small trial finishes afterwards");
  tell(task, "afterwards",
       {{"small_trial", describe(after)},
        {"other_memory_gib", static_cast<double>(left.other_bytes) / (1 << 30)}});
  doubts.settle();
}

}  // namespace firesweep::bench
