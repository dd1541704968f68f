// What early termination saves of a sweep, told before it runs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "coordinator/search/trial_space.h"

namespace firesweep {

// Shares of the training work that is not done.
struct Saving {
  double least = 0;
  double most = 0;
};

// Runs the sweep's terminator on made-up scores, `slots` trials at once: where trials rank the same
// from the first epoch to the last, and where they rank anew at random after each. The interval has
// nine in ten of the simulated sweeps of either kind; a real sweep lies between the kinds. Nothing
// for a sweep without early_terminate, and for threshold and plateau, which depend on the curves.
// Of more than 2,000 trials the first are taken. `order` is the order of dispatch. Pure.
std::optional<Saving> saving_of(const TrialSpace& space, std::int64_t slots,
                                std::span<const std::int64_t> order);
inline std::optional<Saving> saving_of(const TrialSpace& space, std::int64_t slots) {
  return saving_of(space, slots, space.dispatch_order());
}

}  // namespace firesweep
