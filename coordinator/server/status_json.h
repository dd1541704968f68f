// The coordinator's present state as JSON, for `firesweep status --coordinator`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "coordinator/core/overview.h"

namespace firesweep {

struct BadPeer;
struct Counters;

inline constexpr std::size_t kMostBadPeersShown = 100;

// {"coordinator": {…}, "sweeps": […], "workers": […], "bad_peers": […]}; of the latter the first
// kMostBadPeersShown. Accuracies are fractions, times seconds. Pure.
std::string status_json(const Overview& overview, const Counters& counters,
                        std::span<const BadPeer> bad_peers, std::int64_t wal_bytes,
                        const std::string& endpoint);

}  // namespace firesweep
