// When it is worth saying that the coordinator does not answer: soon, then once a minute. Pure.
#pragma once

#include <optional>

#include "shared/base/clock.h"

namespace firesweep {

// Not thread-safe.
class Absence {
 public:
  static constexpr Duration kFirst = std::chrono::seconds(10);
  static constexpr Duration kEvery = std::chrono::minutes(1);

  explicit Absence(Duration now) : heard_(now), tell_at_(now + kFirst) {}

  // The coordinator was heard; how long it was not, where that was told.
  std::optional<Duration> heard(Duration now) {
    const bool told = tell_at_ > heard_ + kFirst;
    const Duration silent = now - heard_;
    heard_ = now;
    tell_at_ = now + kFirst;
    return told ? std::optional(silent) : std::nullopt;
  }

  // How long it was not heard, where that is to be told now.
  std::optional<Duration> to_tell(Duration now) {
    if (now < tell_at_) return std::nullopt;
    tell_at_ = now + kEvery;
    return now - heard_;
  }

 private:
  Duration heard_;
  Duration tell_at_;
};

}  // namespace firesweep
