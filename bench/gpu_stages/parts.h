// The parts of bench/gpu: stages in order of worth, each in parts that run in processes of their
// own, so that none can spoil the next.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/gpu_stages/task.h"

namespace firesweep::bench {

struct Part {
  std::string stage, name;
  double share = 1;  // of the stage's time, beside the stage's other parts
  std::function<void(const Task&)> run;
};

struct Stage {
  std::string name;
  double minutes = 1;  // of 25, when every stage runs
};

std::vector<Stage> stages_of(const GpuOptions& options);

// All parts of all stages, in order.
std::vector<Part> parts_of(const GpuOptions& options);

// Each throws what its figures cannot be had without; what it told until then stands.
void measure_facts(const Task& task);
void measure_losses(const Task& task);     // on the device beside the CPU's; bf16, fp16 beside them
void measure_operators(const Task& task);  // which have no deterministic kernel, by name
void measure_resume(const Task& task);     // bit for bit, in deterministic mode
void measure_memory(const Task& task);     // running out of it on purpose
void measure_sharing(const Task& task);    // two slots on one device
void measure_killed(const Task& task);     // kill -9 of a slot in mid-epoch
void measure_tests(const Task& task);      // training_test, where it lies beside this program
void measure_step(const Task& task);       // beside PyTorch, every variant
void measure_hour(const Task& task, int slots);
void measure_study(const Task& task);
void measure_frontier(const Task& task);

}  // namespace firesweep::bench
