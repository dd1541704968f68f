// Which trial that waits at a rung goes on, in a sweep whose early_terminate says "promotion".
// Questions to a read-only picture of the sweep; terminations.h acts on the answers. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "coordinator/core/overview.h"
#include "coordinator/core/sweep.h"

namespace firesweep {

// Of the trials that wait at a rung and are `ready` to go on, the one that is to; nothing where
// others come first, and in a sweep of another kind.
std::optional<Promotion> next_promotion(const Sweep& sweep,
                                        const std::function<bool(std::int64_t number)>& ready);

// The trials that wait at rungs, by rung; none in a sweep of another kind.
std::vector<RungOverview> waiting_at_rungs(const Sweep& sweep);

// Nothing is held, and what waits waits at a rung that lets none of it go on, now or later.
bool rungs_are_done(const Sweep& sweep);

}  // namespace firesweep
