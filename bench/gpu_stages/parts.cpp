#include "bench/gpu_stages/parts.h"

namespace firesweep::bench {

std::vector<Stage> stages_of(const GpuOptions& options) {
  if (options.small)
    return {{"facts", 1}, {"correct", 9}, {"step", 6}, {"hour", 3}, {"study", 3}, {"frontier", 3}};
  return {{"facts", 1}, {"correct", 6}, {"step", 4}, {"hour", 3}, {"study", 6}, {"frontier", 5}};
}

std::vector<Part> parts_of(const GpuOptions& options) {
  std::vector<Part> parts = {
      {"facts", "facts", 1, measure_facts},           {"correct", "losses", 2, measure_losses},
      {"correct", "operators", 3, measure_operators}, {"correct", "resume", 3, measure_resume},
      {"correct", "memory", 3, measure_memory},       {"correct", "sharing", 3, measure_sharing},
      {"correct", "tests", 3, measure_tests},         {"correct", "killed", 4, measure_killed}};
  parts.push_back({"step", "step", 1, measure_step});
  for (const int slots : options.slots) {
    parts.push_back({"hour", std::to_string(slots) + "_slots", 1,
                     [slots](const Task& task) { measure_hour(task, slots); }});
  }
  parts.push_back({"study", "study", 1, measure_study});
  parts.push_back({"frontier", "frontier", 1, measure_frontier});
  return parts;
}

}  // namespace firesweep::bench
