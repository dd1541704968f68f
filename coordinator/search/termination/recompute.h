// Recomputes the decisions of early termination from what was stored with them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "coordinator/search/termination/terminator.h"
#include "shared/domain/early_termination.h"

namespace firesweep {

struct Recomputed {
  std::int64_t decisions = 0;
  // One line each: where, what was stored, what was found.
  std::vector<std::string> differences = {};
};

// `reports`: the stored epochs of the sweep's trials, each trial's in the order of epochs. Of each
// decision it computes what it can: what the rule says of its evidence; whether the rule compares
// at its epoch, in which bracket, and the trial's own score there, from the trial's stored epochs;
// and that no more trials were compared than have come so far. In what order the others came is not
// stored. A score that has been recorded again since is not compared. `seed` is the search_seed.
Recomputed recompute(const EarlyTermination& rules, std::int64_t seed,
                     const std::vector<TrialReport>& reports,
                     const std::vector<TrialDecision>& decisions);

}  // namespace firesweep
