// Records the speed of a slot's epochs for later previews on this host.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "shared/domain/host_speeds.h"
#include "shared/domain/metrics.h"
#include "shared/wire/messages.h"

namespace firesweep {

// Adds a slot's epochs to the host's speeds in `file` (shared/codec/host_speeds.h). If the file
// cannot be written, the log says so once. One thread at a time.
class SpeedNotes {
 public:
  using Clock = std::chrono::steady_clock;

  // The slot is one of `share.slots` on `device`.
  SpeedNotes(std::filesystem::path file, DeviceKey device, DeviceShare share);

  // Marks the begin of a trial's first epoch, on the thread that trains.
  void start();

  // Adds an epoch of `assign`'s trial, which began at the last call of start() or epoch(). An epoch
  // of less than eight steps is ignored, since it measures only the warm-up. Written at most once
  // per second.
  void epoch(const Assign& assign, const EpochMetrics& metrics);

  // Writes the epochs that are not written yet. Call it when a trial ends.
  void flush();

 private:
  const std::filesystem::path file_;
  const DeviceKey device_;
  const DeviceShare share_;
  std::vector<LearntSpeed> waiting_;
  Clock::time_point written_{};
  Clock::time_point epoch_began_ = Clock::now();
  double computed_ = 0;  // compute_seconds() at that moment
  bool broken_ = false;  // the file could not be written, and that was logged
};

// The observation of one epoch; without images if it is ignored or its dataset is unknown. For
// `computing`, in (0, 1], of the time the slot had its core: a busy host does not make its networks
// look slow. Pure.
LearntSpeed speed_of_epoch(const Assign& assign, const EpochMetrics& metrics,
                           const DeviceShare& share, double computing = 1);

}  // namespace firesweep
