// `firesweep-worker bench`: measures how fast this host trains each architecture, for users, for
// the table in docs/results, and for planning slots and times.
#pragma once

#include "worker/runtime/options/options.h"
#include "worker/runtime/torch_training.h"

namespace firesweep {

// Measures each architecture in separate processes: one slot with all cores, then one slot per core
// (or the given number of slots of a GPU) at the same time. Prints one line each, stores a CPU's
// results in speeds.json, and writes variants_on_this_host.csv and .md if a folder is given.
// Returns the exit code.
int bench_verb(const command::Bench& wanted, const TorchTraining& torch);

// The process that bench_verb starts: prepares one architecture, prints "ready", waits for a line
// on standard input, measures, and prints the results.
int bench_slot(const command::BenchSlot& wanted, const TorchTraining& torch);

}  // namespace firesweep
