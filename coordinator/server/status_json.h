// The coordinator's present state as JSON, for `firesweep status --coordinator`.
#pragma once

#include <cstdint>
#include <string>

#include "coordinator/core/overview.h"

namespace firesweep {

struct Counters;

// {"coordinator": {…}, "sweeps": […], "workers": […]}. Accuracies are fractions, times seconds.
// Pure.
std::string status_json(const Overview& overview, const Counters& counters,
                        std::int64_t malformed_frames, std::int64_t wal_bytes,
                        const std::string& endpoint);

}  // namespace firesweep
