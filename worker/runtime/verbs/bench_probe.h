// `firesweep-worker bench-probe`, which `firesweep preview` and `run` start where this host's speed
// is not known: measures for at most two seconds.
#pragma once

#include <span>

#include "worker/runtime/options/options.h"
#include "worker/runtime/torch_training.h"

namespace firesweep {

// Reads kinds of trials from standard input (shared/codec/speed_probe.h), measures those of which
// the host's speeds say nothing, in that order and until the time is over, as many at once as the
// host would train, adds them to the speeds file where there is one, and answers on standard
// output. Returns the exit code; a failure says on standard error why.
int bench_probe(const command::BenchProbe& wanted, const TorchTraining& torch);

// How long the first of some kinds is measured where `left` seconds are left for all of them;
// works[i] is an image's work in the i-th. Partly equal shares, partly by work: a step of a larger
// network takes longer, and matters more to a sweep's length. Not so little that nothing can be
// told from it; 0 where not even that is left. `works` is not empty. Pure.
double probe_share(double left, std::span<const double> works);

}  // namespace firesweep
