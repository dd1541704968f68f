// The coordinator's present state as JSON, for `firesweep status --coordinator`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "coordinator/core/overview.h"

namespace firesweep {

struct BadPeer;
struct Counters;

inline constexpr std::size_t kMostBadPeersShown = 100;

// {"coordinator": {…}, "sweeps": […], "workers": […], "bad_peers": […]}; of the latter the first
// kMostBadPeersShown. Accuracies are fractions, times seconds. Pure.
// A sweep's "rungs" are those at which trials wait, in the form of rungs_json().
std::string status_json(const Overview& overview, const Counters& counters,
                        std::span<const BadPeer> bad_peers, std::int64_t wal_bytes,
                        const std::string& endpoint);

// [{"epoch": 3, "waiting": 9, "ready": 1, "trials": [{"trial": "1/4", "score": …, "rank": 1,
// "of": 9}, …]}, …]. Pure.
nlohmann::ordered_json rungs_json(const SweepOverview& sweep);

}  // namespace firesweep
