// Signals as something to poll. Owns a signalfd and the mask that keeps its signals from being
// delivered.
#pragma once

#include <signal.h>

#include <initializer_list>
#include <optional>
#include <vector>

#include "worker/datasets/file.h"

namespace firesweep {

// The signals that ask for a drain, and `others`: SIGTERM, SIGINT, SIGUSR1 and SIGUSR2 (Slurm's
// warnings), and SIGHUP (the terminal is gone) where it is not ignored, as nohup has it.
std::vector<int> drain_signals(std::initializer_list<int> others = {});

// Blocks the given signals in this thread and those it starts later, until destroyed. Make it in
// the main thread before any other thread exists. Not thread-safe.
class SignalFd {
 public:
  // Throws std::system_error where the kernel refuses.
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
