// What the coordinator answers over HTTP, by path. It reads what the loop has published, never the
// loop itself.
#pragma once

#include <chrono>
#include <functional>

#include "coordinator/server/published_state.h"
#include "coordinator/web/http_server.h"

namespace firesweep {

// A commit to a slow disk, and the start with a large database, take less.
inline constexpr std::chrono::seconds kLongestTurn{30};

// /metrics: for Prometheus. /healthz: 200 while the loop turns. /readyz: 200 while the coordinator
// takes and gives out trials, else 503 with the reason. `state` outlives the routes; `steady_now`
// reads the clock by which the state was published.
HttpRoutes coordinator_pages(const PublishedState& state, std::function<Duration()> steady_now);

}  // namespace firesweep
