// Processes that are stopped for a while.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace firesweep::e2e {

// Not thread-safe.
class StoppedProcesses {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // `mark` is in the command line of all that may be woken: an id may be another process's by then.
  explicit StoppedProcesses(std::string mark) : mark_(std::move(mark)) {}

  // False where it is gone.
  bool stop(pid_t pid, Time until);
  // It is going to die.
  void forget(pid_t pid);
  // Those whose time is over.
  void wake(Time now);
  bool empty() const { return stopped_.empty(); }

 private:
  struct Stopped {
    pid_t pid = 0;
    Time until;
  };

  std::string mark_;
  std::vector<Stopped> stopped_;
};

}  // namespace firesweep::e2e
