// Signals as something to poll. Owns a signalfd and the mask that keeps its signals from being
// delivered.
#pragma once

#include <signal.h>

#include <initializer_list>
#include <optional>

#include "worker/datasets/file.h"

namespace firesweep {

// Blocks the given signals in this thread and those it starts later, until destroyed. Make it in
// the main thread before any other thread exists. Not thread-safe.
class SignalFd {
 public:
  // Throws std::system_error where the kernel refuses.
  explicit SignalFd(std::initializer_list<int> signals);
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
