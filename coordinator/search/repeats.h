// Trials of a sweep that train what another trains already: settings without effect, and random
// points drawn twice. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "coordinator/search/trial_space.h"

namespace firesweep {

struct Repeats {
  std::int64_t different = 0;      // networks trained differently, seeds apart
  std::vector<std::string> notes;  // "momentum does nothing where the optimizer is adamw", …
  std::string exclude;             // members of "exclude" that leave one of each; may be empty
};

// Nothing to say (no notes) where no two trials are alike, or where the space is too large to be
// looked through (more than 200,000 trials).
Repeats find_repeats(const TrialSpace& space);

// A batch of one image under a BatchNorm whose map is one pixel has no variance: an error that
// names /parameters/batch_size where an epoch of some trial ends with one.
Result<void> check_last_batches(const TrialSpace& space);

}  // namespace firesweep
