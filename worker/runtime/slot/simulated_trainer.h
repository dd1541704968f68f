// The trainer "simulated": parametric learning curves instead of training, for dry runs,
// demonstrations and load tests through exactly the same path (DESIGN §8). Free of torch and of
// image data. Its rows carry the device "simulated" and never mix with real ones.
#pragma once

#include "shared/base/ids.h"
#include "worker/runtime/stop_flag.h"
#include "worker/training/trainer.h"

namespace firesweep {

// Plays one trial to its end on the calling thread, in epochs × `simulated_seconds`. The curve is a
// function of (architecture, config, config hash, seed) alone:
// - its asymptote grows with parameters and MACs, with diminishing returns;
// - lr costs a parabola in log10(lr) around the optimizer's optimum, label smoothing one at 0.1;
// - epochs approach the asymptote exponentially; the seed adds a deviation of about 0.4 points.
//
// `simulated_failure_rate` is the probability that an attempt fails (kError) before one of its
// epochs ends. The draw depends on (config hash, seed, attempt): a repeat of the attempt fails
// alike, the next attempt is drawn anew.
//
// Where the trial takes time and `place` has a checkpoint folder, each epoch leaves its number
// there, and a later attempt of equal config hash and seed goes on from it, telling that epoch once
// more. A folder that cannot be written only costs the resume.
//
// `stop` is looked at between units and interrupts the waiting; callbacks.stop_requested is not
// asked. Throws nothing but std::bad_alloc and what the callbacks throw.
TrainOutcome simulate(const TrainJob& job, AttemptNo attempt, const TrainPlace& place,
                      const TrainCallbacks& callbacks, const StopFlag& stop);

}  // namespace firesweep
