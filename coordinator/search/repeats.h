// Finds trials of a sweep that repeat another one: settings without effect, and random points drawn
// twice. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "coordinator/search/idle_fields.h"
#include "coordinator/search/trial_space.h"

namespace firesweep {

struct Repeats {
  std::int64_t different = 0;      // trainings that differ; 0: not counted
  std::vector<std::string> notes;  // "momentum does nothing where the optimizer is adamw", …
  Remedy remedy = {};              // what the file must say to train each once; may be empty
};

// There are no notes if no two trials are alike. Under a method that learns, whose trials are not
// known, there are notes if there is a remedy. Of more than 200,000 trials the first ones are
// looked through, and the others are not counted.
Repeats find_repeats(const TrialSpace& space);

// A batch of one image has no variance in a BatchNorm with a feature map of one pixel. Returns an
// error that names /parameters/batch_size if an epoch of some trial ends with such a batch.
Result<void> check_last_batches(const TrialSpace& space);

}  // namespace firesweep
