// The command lines of firesweep-worker's verbs but `dataset`. Internal to the room.
#pragma once

#include "shared/base/error.h"
#include "worker/runtime/options/option_words.h"
#include "worker/runtime/options/options.h"

namespace firesweep {

// The words after "export-model".
Result<Command> parse_export(const words::Words& words, const Environment& environment);

// The words after "bench".
Result<Command> parse_bench(const words::Words& words, const Environment& environment);

// The words after "bench-slot", which only `bench` says.
Result<Command> parse_bench_slot(const words::Words& words);

}  // namespace firesweep
