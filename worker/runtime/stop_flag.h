// A flag that asks one training to stop, and on which it can wait. Owns no thread and knows no
// trial.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace firesweep {

// Safe from any thread. A request cannot be withdrawn.
class StopFlag {
 public:
  void request() {
    {
      const std::lock_guard lock(mutex_);
      requested_.store(true, std::memory_order_release);
    }
    changed_.notify_all();
  }

  bool requested() const { return requested_.load(std::memory_order_acquire); }

  // Waits until `end` or until the stop is requested; returns whether it was requested.
  bool wait_until(std::chrono::steady_clock::time_point end) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, end, [this] { return requested(); });
  }

 private:
  std::atomic<bool> requested_{false};
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
};

}  // namespace firesweep
