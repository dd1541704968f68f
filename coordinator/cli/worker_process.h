// The process `firesweep-worker` that `run` starts for this machine's slots.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/error.h"

namespace firesweep {

// Owns one child process. The destructor kills it, and the kernel kills it when this process dies
// (PR_SET_PDEATHSIG). It has its own process group, so that Ctrl-C reaches only `run`. Use from the
// main thread.
class WorkerProcess {
 public:
  // Starts firesweep-worker from the folder of this program. kBadInput if it is not there.
  static Result<WorkerProcess> start(const std::vector<std::string>& arguments) {
    return start(arguments, {});
  }

  // Descriptors for the child's standard streams; negative: it inherits this process's.
  struct Streams {
    int in = -1, out = -1, err = -1;
  };
  static Result<WorkerProcess> start(const std::vector<std::string>& arguments,
                                     const Streams& streams);

  WorkerProcess(WorkerProcess&& other) noexcept : pid_(other.pid_), status_(other.status_) {
    other.pid_ = 0;
  }
  WorkerProcess& operator=(WorkerProcess&&) = delete;
  ~WorkerProcess();

  pid_t pid() const { return pid_; }
  // The exit code (128 + signal if it was killed) if it has ended; does not wait.
  std::optional<int> ended();
  // Waits for its end and returns the exit code. Throws std::system_error if waitpid fails.
  int wait();
  // SIGKILL, and wait.
  void kill_now();

 private:
  explicit WorkerProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_ = 0;
  std::optional<int> status_;
};

// The result of a worker process that has ended.
struct WorkerAnswer {
  int code = 0;
  std::string output;  // standard output
  std::string errors;
};

// Runs firesweep-worker with `input` on standard input and shows nothing. If it has not ended
// within `limit`, it is killed: kUnavailable. Also the errors of start(). Throws std::system_error
// if there is no memory.
Result<WorkerAnswer> ask_worker(const std::vector<std::string>& arguments, const std::string& input,
                                std::chrono::milliseconds limit);

}  // namespace firesweep
