// One lease of a trial to a worker, and what tells whether the worker goes on with it.
#pragma once

#include <cstdint>
#include <optional>

#include "shared/base/clock.h"
#include "shared/base/ids.h"

namespace firesweep {

// Judges a started lease by the units of work (batch, evaluation batch, data load) that its worker
// tells of. Not thread-safe.
class LeaseProgress {
 public:
  // Begins; the first unit may take `first_unit`.
  void start(Duration now, Duration first_unit);
  // A unit was seen to end.
  void unit(Duration now);
  // The judge himself was suspended.
  void extend(Duration gap) { last_ += gap; }

  // True where no unit ended for max(floor, 10 × the longest unit seen), or for the first unit's
  // bound.
  bool stalled(Duration now, Duration floor) const;

 private:
  Duration last_{0};
  Duration first_unit_{0};
  std::optional<Duration> longest_;
};

// How long the first unit of a trial may take: `floor` and the time a slow machine needs for one
// batch (forward and backward), at most `ceiling`. Pure.
Duration first_unit_bound(std::int64_t macs, std::int64_t batch_size, Duration floor,
                          Duration ceiling);

struct Lease {
  TrialKey key;
  std::uint64_t assign_sequence = 0;  // of the frame that carried the Assign; 0: before a restart
  Duration assigned_at{0};
  Duration reminded_at{0};  // when a Stop or Recall was last sent
  bool claimed = false;     // its worker's newest claim names it
  Duration first_unit{0};   // bound of the first unit
  double work = 0;          // analytic, of the whole trial
  std::int64_t epochs = 0;  // to train; 0: not known

  bool started = false;
  Duration started_at{0};
  std::int64_t from_epoch = 0;  // where it went on, by its own word
  LeaseProgress progress;
  double train_seconds_before = 0;  // spent by earlier attempts
  std::int64_t last_epoch = 0;      // newest reported by this attempt
  double last_epoch_seconds = 0;
};

}  // namespace firesweep
