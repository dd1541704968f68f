// Processes that are stopped for a while.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <vector>

namespace firesweep::e2e {

// Not thread-safe.
class StoppedProcesses {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // False where it is gone.
  bool stop(pid_t pid, Time until);
  // It is going to die.
  void forget(pid_t pid);
  // Those whose time is over. Some may be gone by then: SIGCONT does another process no harm.
  void wake(Time now);
  bool empty() const { return stopped_.empty(); }

 private:
  struct Stopped {
    pid_t pid = 0;
    Time until;
  };

  std::vector<Stopped> stopped_;
};

}  // namespace firesweep::e2e
