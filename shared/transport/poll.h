// Waiting for sockets and for other threads at once.
#pragma once

#include <chrono>
#include <span>
#include <vector>

namespace firesweep {

// Wakes a loop that sits in poll(). Movable; the descriptor is closed on destruction.
class WakePipe {
 public:
  WakePipe();
  WakePipe(WakePipe&& other) noexcept;
  WakePipe& operator=(WakePipe&& other) noexcept;
  ~WakePipe();

  // Makes the next poll() with this pipe return at once; many calls count as one. Safe from any
  // thread and from a signal handler.
  void wake() const noexcept;

  // Takes the wake-up back. True where there was one. Called by the loop before it looks at what it
  // was woken for.
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

// Waits until one of the sockets (their handle()) has a message, `wake` (where not null) was woken,
// a signal came, or `timeout` is over (negative: never). Throws std::runtime_error where the
// environment is broken.
Ready poll(std::span<void* const> sockets, const WakePipe* wake, std::chrono::milliseconds timeout);

}  // namespace firesweep
