// Many seeds: on as many threads as asked for, each with its own disk, up to the first failure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tests/simulation/bugs.h"
#include "tests/simulation/world.h"

namespace firesweep::simulation {

struct Campaign {
  std::uint64_t first = 1;
  std::uint64_t last = 1;  // included
  int threads = 1;
  Bug bug = Bug::kNone;
};

struct CampaignResult {
  std::int64_t seeds = 0;          // that were run
  std::optional<Outcome> failure;  // of the smallest failing seed that was found; with its log
  Coverage coverage;
  double seconds = 0;    // by the wall
  double median_ms = 0;  // of a seed
  double slowest_ms = 0;
  std::uint64_t slowest_seed = 0;
  Duration simulated{0};  // over all seeds
};

// Stops soon after a failure. With one thread, the failure is that of the first failing seed.
// `progress` is called now and then with the number of seeds run so far, from any of the threads.
CampaignResult run_campaign(const Campaign& campaign,
                            const std::function<void(std::int64_t)>& progress = {});

// "seed 7 breaks a promise: … replay: …", then the log.
std::string story_of(const Outcome& failure);

}  // namespace firesweep::simulation
