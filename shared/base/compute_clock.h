// Measures computation as it would be on an idle host.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>

namespace firesweep {

// Seconds since some moment. If a slot computes with one thread, the calling thread's processor
// time: the time in which other programs had its core does not count. Otherwise the wall clock.
inline double compute_seconds(std::int64_t threads) {
  if (threads > 1) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
  }
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace firesweep
