// Why values of a sweep make no network, told at the value in the sweep that is to be changed.
#pragma once

#include <cstdint>

#include "shared/base/error.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// `error` is why the config's architecture does not resolve. It becomes one at the JSON pointer of
// the value without which that would not happen; where there is none, at the variant. For a
// parameter that the architecture does not have and another one of the sweep has, the hint is the
// condition to write. Pure.
Error network_mistake(const FrozenSweep& frozen, const TrialConfig& config, std::int64_t classes,
                      Error error);

}  // namespace firesweep
