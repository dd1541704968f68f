// Which trial that waits at a rung goes on, in a sweep whose early_terminate is asha's promotion
// type. A question to a read-only picture of the sweep; terminations.h acts on the answer. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "coordinator/core/sweep.h"

namespace firesweep {

// Of the trials that wait at a rung and are `ready` to go on, the one that is to; nothing where
// others come first, and in a sweep of another kind.
std::optional<Promotion> next_promotion(const Sweep& sweep,
                                        const std::function<bool(std::int64_t number)>& ready);

// Nothing is held, and what waits waits at a rung that lets none of it go on, now or later.
bool rungs_are_done(const Sweep& sweep);

}  // namespace firesweep
