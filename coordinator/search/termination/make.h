// What judges the trials of a sweep by its "early_terminate". Pure.
#pragma once

#include <cstdint>
#include <memory>

#include "coordinator/search/termination/asha.h"
#include "coordinator/search/termination/terminator.h"
#include "shared/domain/early_termination.h"

namespace firesweep {

// `seed` is the sweep's search_seed: by it hyperband puts trials into brackets. Null where
// make_promotion makes something: exactly one of the two does.
std::unique_ptr<Terminator> make_terminator(const EarlyTermination& rules, std::int64_t seed);
// For asha's promotion type, else null.
std::unique_ptr<AshaPromotion> make_promotion(const EarlyTermination& rules);

}  // namespace firesweep
