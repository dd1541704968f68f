// The cores get the time as an argument of this type. Only the loops read clocks.
#pragma once

#include <chrono>

namespace firesweep {

using Duration = std::chrono::microseconds;

// One reading of both clocks. `steady` never jumps and is used to judge leases; `utc` is only
// recorded.
struct Instant {
  Duration steady{0};                // since an arbitrary start
  std::chrono::milliseconds utc{0};  // since 1970-01-01T00:00:00Z
};

inline double seconds_in(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// Reads the machine's clocks. Safe from any thread.
inline Instant system_now() {
  using namespace std::chrono;
  return {duration_cast<Duration>(steady_clock::now().time_since_epoch()),
          duration_cast<milliseconds>(system_clock::now().time_since_epoch())};
}

}  // namespace firesweep
