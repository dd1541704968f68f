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
  static Result<WorkerProcess> start(const std::vector<std::string>& arguments) {
    return start(arguments, {});
  }

  // Descriptors that become the child's standard ones; negative: it has this process's.
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

// What the sibling said when it was run to its end.
struct WorkerAnswer {
  int code = 0;
  std::string output;  // standard output
  std::string errors;
};

// Runs it with `input` on standard input, showing nothing. kUnavailable where it is not done within
// `limit`; it is killed then. Errors of start(). Throws std::system_error where memory fails.
Result<WorkerAnswer> ask_worker(const std::vector<std::string>& arguments, const std::string& input,
                                std::chrono::milliseconds limit);

}  // namespace firesweep
