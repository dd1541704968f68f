// One trial's place on a GPU that slots share. The slots communicate only through the ledger file.
// Byte 0 is locked while the file is read and written. Each trial locks its own byte while it waits
// or trains; if its process dies, the kernel releases the lock and thereby the place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "shared/base/unique_fd.h"
#include "worker/runtime/devices/device_ledger.h"

namespace firesweep {

// Exists while a trial waits for the device or trains on it. Not thread-safe; other places on the
// same file may be used at the same time, even within this process. Every member except the
// destructor throws std::system_error if the file cannot be read or written.
class DevicePlace {
 public:
  // Joins the queue for the device of that ledger. Creates the file if it does not exist. The
  // device has `memory_bytes`. The estimate is used until a trial of the shape was measured.
  DevicePlace(std::filesystem::path ledger, std::int64_t memory_bytes, DeviceShape shape,
              std::int64_t estimate_bytes);
  DevicePlace(const DevicePlace&) = delete;
  DevicePlace& operator=(const DevicePlace&) = delete;
  ~DevicePlace();

  // Returns nothing if the trial may train now, and from then on. Otherwise returns what the trial
  // waits for; call it again later. Does not wait, except briefly for the lock.
  std::optional<std::string> waits_for();

  // For a trial that ran out of memory and has released all of it. Afterwards waits_for() returns
  // nothing when the trial has the device for itself; that is before any trial that waits now.
  void want_alone();

  // Records measurements, as DeviceLedger::measured().
  void measured(std::int64_t peak_bytes, std::int64_t beside_bytes, bool whole_epoch);

 private:
  // Under the lock: reads the ledger, removes trials of dead processes, calls `change`, and writes
  // it.
  void revise(const std::function<void(DeviceLedger&)>& change);
  // The index of this trial in a ledger that revise() read.
  std::size_t own_line(const DeviceLedger& ledger) const;

  const std::filesystem::path path_;
  const std::int64_t memory_bytes_;
  UniqueFd file_;
  DeviceLedger::Trial line_;  // as it was written last; its lock is 0 before the trial has joined
};

}  // namespace firesweep
