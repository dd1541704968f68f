// Where the coordinator's loop leaves its state for other threads. Neither side ever waits for the
// other: a reader gets the newest state that was left, which nobody changes any more.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "coordinator/server/coordinator_state.h"
#include "shared/base/clock.h"

namespace firesweep {

inline constexpr std::chrono::seconds kPublishEvery{1};

// The loop's thread calls turned() and publish(); the others are safe from any thread.
class PublishedState {
 public:
  // Called after each step. True if a newer state is due.
  bool turned(Duration now) {
    last_turn_.store(now.count(), std::memory_order_relaxed);
    return !published_ || now - *published_ >= kPublishEvery;
  }
  void publish(std::shared_ptr<const CoordinatorState> state) {
    published_ = state->at.steady;
    const std::lock_guard lock(mutex_);
    newest_.swap(state);
  }

  // Null before the first.
  std::shared_ptr<const CoordinatorState> newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
  }
  // Steady time of the newest turn; none before the first.
  std::optional<Duration> last_turn() const {
    const Duration::rep turn = last_turn_.load(std::memory_order_relaxed);
    return turn == kNever ? std::nullopt : std::optional(Duration(turn));
  }

 private:
  static constexpr Duration::rep kNever = -1;
  std::atomic<Duration::rep> last_turn_{kNever};
  std::optional<Duration> published_;
  mutable std::mutex mutex_;
  std::shared_ptr<const CoordinatorState> newest_;
};

}  // namespace firesweep
