// `firesweep-worker bench-probe`, which `firesweep preview` and `run` start if this host's speed is
// not known. It measures for at most two seconds.
#pragma once

#include <span>

#include "worker/runtime/options/options.h"
#include "worker/runtime/torch_training.h"

namespace firesweep {

// Reads kinds of trials from standard input (shared/codec/speed_probe.h). Measures those that the
// host's speeds do not have, in this order and until the time is over, as many at once as the host
// would train. Adds them to the speeds file, if there is one, and answers on standard output.
// Returns the exit code; prints the reason of a failure to standard error.
int bench_probe(const command::BenchProbe& wanted, const TorchTraining& torch);

// How long to measure the first of some kinds if `left` seconds are left for all of them; works[i]
// is the work per image of the i-th kind. The shares are partly equal and partly proportional to
// the work: a step of a larger network takes longer, and has more influence on a sweep's duration.
// At least the shortest useful time; 0 if not even that is left. `works` is not empty. Pure.
double probe_share(double left, std::span<const double> works);

}  // namespace firesweep
