// Waits for sockets and for other threads at the same time.
#pragma once

#include <chrono>
#include <span>
#include <vector>

namespace firesweep {

// Wakes a loop that waits in poll(). Movable; the destructor closes the descriptor.
class WakePipe {
 public:
  WakePipe();
  WakePipe(WakePipe&& other) noexcept;
  WakePipe& operator=(WakePipe&& other) noexcept;
  ~WakePipe();

  // Makes the next poll() with this pipe return at once; many calls count as one. Safe from any
  // thread and from a signal handler.
  void wake() const noexcept;

  // Clears the wake-up and returns whether there was one. The loop calls it before it looks for the
  // reason of the wake-up.
  bool drain() noexcept;

  int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

struct Ready {
  std::vector<bool> sockets;  // as given: has a message
  bool woken = false;
  bool interrupted = false;  // a signal came; nothing else is known
  bool any() const;
};

// Waits until one of the sockets (their handle()) has a message, `wake` (unless null) was woken, a
// signal arrived, or `timeout` is over (negative: no timeout). Throws std::runtime_error if the
// environment fails.
Ready poll(std::span<void* const> sockets, const WakePipe* wake, std::chrono::milliseconds timeout);

}  // namespace firesweep
