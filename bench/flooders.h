// Those who flood a coordinator, for the benchmark.
#pragma once

#include <time.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace firesweep::bench {

// The measurement begins once the flood is there; the flood goes on until the measurement's end.
struct Turn {
  std::atomic<bool> ready = false;
  std::atomic<bool> ended = false;
};

// Returns how much it did.
using Flood = std::function<std::int64_t(Turn& turn)>;

struct FloodPlan {
  std::string to;  // the coordinator's address
  std::int64_t frames = 0;
  int connections = 0;
  double seconds = 0;  // in which the frames are sent
};

// All of them, by name.
std::vector<std::pair<std::string, Flood>> floods(const FloodPlan& plan);

// Takes as much processor time as `share` says, in small pieces as a flood does, and sends
// nothing.
std::int64_t decoy(Turn& turn, double share);

double seconds_of(clockid_t clock);

}  // namespace firesweep::bench
