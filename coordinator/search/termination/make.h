// The terminator that a sweep file asks for. Pure.
#pragma once

#include <cstdint>
#include <memory>

#include "coordinator/search/termination/terminator.h"
#include "shared/domain/early_termination.h"

namespace firesweep {

// `seed` is the sweep's search_seed: by it hyperband puts trials into brackets.
std::unique_ptr<Terminator> make_terminator(const EarlyTermination& rules, std::int64_t seed);

}  // namespace firesweep
