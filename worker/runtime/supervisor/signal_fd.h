// Signals as a descriptor for poll. Owns a signalfd and the mask that blocks its signals.
#pragma once

#include <signal.h>

#include <initializer_list>
#include <optional>
#include <vector>

#include "shared/base/unique_fd.h"

namespace firesweep {

// The signals that ask for a drain, and `others`: SIGTERM, SIGINT, SIGUSR1 and SIGUSR2 (Slurm's
// warnings), and SIGHUP (the terminal is gone) unless it is ignored, as under nohup.
std::vector<int> drain_signals(std::initializer_list<int> others = {});

// Blocks the given signals in this thread and in threads that it starts later, until destroyed.
// Create it in the main thread before any other thread exists. Not thread-safe.
class SignalFd {
 public:
  // Throws std::system_error if the kernel refuses.
  explicit SignalFd(const std::vector<int>& signals);
  SignalFd(const SignalFd&) = delete;
  SignalFd& operator=(const SignalFd&) = delete;
  ~SignalFd();

  // Readable while a signal waits.
  int fd() const { return fd_.get(); }
  // The next signal that has arrived, or none. Never waits.
  std::optional<int> next();

 private:
  sigset_t before_{};
  UniqueFd fd_;
};

}  // namespace firesweep
