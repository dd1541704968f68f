// Notes what a slot's epochs take, so that the next preview on this host knows.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "shared/domain/host_speeds.h"
#include "shared/domain/metrics.h"
#include "shared/wire/messages.h"

namespace firesweep {

// Adds a slot's epochs to the host's speeds in `file` (shared/codec/host_speeds.h). A file that
// cannot be written costs only that: the log says so once. One thread at a time.
class SpeedNotes {
 public:
  using Clock = std::chrono::steady_clock;

  // The slot is one of `share.slots` on `device`.
  SpeedNotes(std::filesystem::path file, DeviceKey device, DeviceShare share);

  // An epoch that `assign`'s trial trained; one of less than eight steps tells of warming up only
  // and is left out. Written at most once a second.
  void epoch(const Assign& assign, const EpochMetrics& metrics);

  // Writes what waits. To be called when a trial ends.
  void flush();

 private:
  const std::filesystem::path file_;
  const DeviceKey device_;
  const DeviceShare share_;
  std::vector<LearntSpeed> waiting_;
  Clock::time_point written_{};
  bool broken_ = false;  // and said
};

// The observation of one epoch; no images where it is left out or its dataset is unknown. Pure.
LearntSpeed speed_of_epoch(const Assign& assign, const EpochMetrics& metrics,
                           const DeviceShare& share);

}  // namespace firesweep
