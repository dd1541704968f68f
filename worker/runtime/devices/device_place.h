// One trial's place on a GPU that slots share. The ledger file is all they have in common: byte 0
// is locked while it is read and rewritten, and each trial's own byte for as long as it waits or
// trains, so that the kernel frees the place of a process that dies, however it dies.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "worker/datasets/file.h"
#include "worker/runtime/devices/device_ledger.h"

namespace firesweep {

// From the wish to train until the object is gone. Not thread-safe; other places on the same file
// may be used at the same time, also within this process. Every member, the destructor excepted,
// throws std::system_error where the file cannot be read or written.
class DevicePlace {
 public:
  // Joins the end of the line for the device of that ledger, a file made where there is none, and
  // of that much memory. The estimate counts until a trial of the shape was measured.
  DevicePlace(std::filesystem::path ledger, std::int64_t memory_bytes, DeviceShape shape,
              std::int64_t estimate_bytes);
  DevicePlace(const DevicePlace&) = delete;
  DevicePlace& operator=(const DevicePlace&) = delete;
  ~DevicePlace();

  // Takes the device where it is this trial's turn: then nothing, and nothing from then on. Else
  // what the trial waits for. To be asked again; never waits itself, but for a moment's lock.
  std::optional<std::string> waits_for();

  // For a trial that ran out of memory and has given all of it back: waits_for() tells when it has
  // the device to itself, which is before anybody who waits now gets any of it.
  void want_alone();

  // What was measured while it trained, as DeviceLedger::measured() has it.
  void measured(std::int64_t peak_bytes, std::int64_t beside_bytes, bool whole_epoch);

 private:
  // Reads the ledger without the dead, lets `change` work on it, and writes it, under the lock.
  void revise(const std::function<void(DeviceLedger&)>& change);
  // This trial's line in a ledger that revise() read.
  std::size_t own_line(const DeviceLedger& ledger) const;

  const std::filesystem::path path_;
  const std::int64_t memory_bytes_;
  UniqueFd file_;
  DeviceLedger::Trial line_;  // as it was written last; its lock is 0 before the trial has joined
};

}  // namespace firesweep
