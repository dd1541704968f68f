// The sibling `firesweep-worker`, started by `run` for this machine's slots.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/error.h"

namespace firesweep {

// Owns one child: it is killed when this object goes, and dies with this process whatever
// happens (PR_SET_PDEATHSIG). Its own process group, so that Ctrl-C reaches only `run`. Use from
// the main thread.
class WorkerProcess {
 public:
  // Starts firesweep-worker from the folder of this program. kNotFound where it is not there.
  static Result<WorkerProcess> start(const std::vector<std::string>& arguments);

  WorkerProcess(WorkerProcess&& other) noexcept : pid_(other.pid_), status_(other.status_) {
    other.pid_ = 0;
  }
  WorkerProcess& operator=(WorkerProcess&&) = delete;
  ~WorkerProcess();

  pid_t pid() const { return pid_; }
  // Exit code (128 + signal where it was killed) once it has ended; does not wait.
  std::optional<int> ended();
  // Waits for its end; the exit code.
  int wait();
  // SIGKILL, and wait.
  void kill_now();

 private:
  explicit WorkerProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_ = 0;
  std::optional<int> status_;
};

}  // namespace firesweep
