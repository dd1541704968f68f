#include "coordinator/core/leases.h"

#include <algorithm>

#include "shared/base/clock.h"
#include "shared/domain/trial_work.h"

namespace firesweep {
namespace {

// The slowest machine worth waiting for does a thousand million multiply-adds a second.
constexpr double kSlowestMacsPerSecond = 1e9;
constexpr int kStalledUnits = 10;

}  // namespace

void LeaseProgress::start(Duration now, Duration first_unit) {
  last_ = now;
  first_unit_ = first_unit;
  longest_.reset();
}

void LeaseProgress::unit(Duration now) {
  const Duration length = std::max(now - last_, Duration(0));
  longest_ = std::max(longest_.value_or(Duration(0)), length);
  last_ = now;
}

bool LeaseProgress::stalled(Duration now, Duration floor) const {
  const Duration bound = longest_ ? std::max(floor, kStalledUnits * *longest_) : first_unit_;
  return now - last_ > bound;
}

Duration first_unit_bound(std::int64_t macs, std::int64_t batch_size, Duration floor,
                          Duration ceiling) {
  const double seconds = kPassesPerImage * static_cast<double>(macs) *
                         static_cast<double>(batch_size) / kSlowestMacsPerSecond;
  const double most = seconds_in(ceiling);
  const auto work = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::clamp(seconds, 0.0, most)));
  return std::min(floor + work, std::max(ceiling, floor));
}

}  // namespace firesweep
