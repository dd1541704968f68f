// Work that must end soon and with little memory, in a process of its own where both are limited.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace firesweep::testing {

struct Bounds {
  std::size_t memory_bytes = std::size_t{256} << 20;  // beyond what the process has already
  int seconds = 5;                                    // of processor time
};

// What the work returned, or "ended by …" where a limit ended it, and what it threw. Builds with
// sanitizers limit the time alone, and five times as loosely. Call where there is one thread.
std::string bounded(const std::function<std::string()>& work, const Bounds& bounds = {});

}  // namespace firesweep::testing
