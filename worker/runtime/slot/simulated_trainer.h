// The trainer "simulated": parametric learning curves instead of training, for dry runs,
// demonstrations and load tests of everything else (DESIGN §8). Needs neither torch nor images. Its
// results have the device "simulated" and are never ranked with real ones.
#pragma once

#include "shared/base/ids.h"
#include "worker/runtime/stop_flag.h"
#include "worker/training/trainer.h"

namespace firesweep {

// Simulates one trial to its end on the calling thread, in epochs × `simulated_seconds`. The curve
// is a function of (architecture, config, config hash, seed) only:
// - its asymptote grows with parameters and MACs, with diminishing returns;
// - lr costs a parabola in log10(lr) around the optimizer's optimum, label smoothing one at 0.1;
// - epochs approach the asymptote exponentially; the seed adds a deviation of about 0.4 points.
//
// `simulated_failure_rate` is the probability that an attempt fails (kError) before one of its
// epochs ends. The draw depends on (config hash, seed, attempt): a repetition of the attempt fails
// in the same way, the next attempt gets a new draw.
//
// If the trial takes time and `place` has a checkpoint folder, each epoch writes its number there.
// A later attempt with equal config hash and seed resumes from it and reports that epoch again. If
// the folder cannot be written, the trial cannot be resumed.
//
// `stop` is checked between units and interrupts the waiting; callbacks.stop_requested is not used.
// Throws only std::bad_alloc and what the callbacks throw.
TrainOutcome simulate(const TrainJob& job, AttemptNo attempt, const TrainLocation& place,
                      const TrainCallbacks& callbacks, const StopFlag& stop);

}  // namespace firesweep
