// What judges the trials of a sweep by its "early_terminate". Pure.
#pragma once

#include <cstdint>
#include <memory>

#include "coordinator/search/termination/promotion.h"
#include "coordinator/search/termination/terminator.h"
#include "shared/domain/early_termination.h"

namespace firesweep {

// `seed` is the sweep's search_seed: by it hyperband puts trials into brackets. Null where
// make_promotion makes something: exactly one of the two does.
std::unique_ptr<Terminator> make_terminator(const EarlyTermination& rules, std::int64_t seed);
// Where the rules say "promotion", else null.
std::unique_ptr<RungPromotion> make_promotion(const EarlyTermination& rules);

}  // namespace firesweep
