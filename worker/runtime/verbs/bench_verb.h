// `firesweep-worker bench`: how fast this host trains each architecture, for people, for the table
// in docs/results and for the planning of slots and times.
#pragma once

#include "worker/runtime/options/options.h"
#include "worker/runtime/torch_training.h"

namespace firesweep {

// Measures each architecture in processes of its own: one slot with all cores, then a slot per
// core, or the wanted slots of a GPU, all at once. Prints a line each, keeps a CPU's figures in
// speeds.json, and writes variants_on_this_host.csv and .md where a folder is given. Returns the
// exit code.
int bench_verb(const command::Bench& wanted, const TorchTraining& torch);

// What bench_verb starts: measures one architecture, tells "ready" on standard output, waits for a
// line on standard input, and prints the figures.
int bench_slot(const command::BenchSlot& wanted, const TorchTraining& torch);

}  // namespace firesweep
