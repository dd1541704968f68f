// What the slots of a host know together about one GPU: who trains on it, how much of its memory
// which trials take, and by that who may begin. Owns the text of a ledger and the rule of
// admission; opens no file (device_place.h) and knows no trial but by its shape. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firesweep {

// What one trial does with the device.
enum class DevicePhase {
  kWaiting,
  kWaitingAlone,  // ran out of memory, and waits to have the device to itself
  kSharing,       // trains, and others may beside it
  kAlone,         // trains, and nobody beside it until it ends
};

// A word without spaces for trials that take equal memory: "3f9c…/128/bf16".
using DeviceShape = std::string;

// A trial that waits because it does not fit is overtaken so often, and then by nobody.
inline constexpr int kMostOvertakes = 16;

struct DeviceLedger {
  struct Trial {
    int lock = 0;  // the byte of the file that its process keeps locked; from 1
    DevicePhase phase = DevicePhase::kWaiting;
    DeviceShape shape;
    std::int64_t estimate_bytes = 0;  // of its allocator's peak (device_need.h); 0: not known
    std::int64_t held_bytes = 0;      // the most that its allocator has held; 0: not measured yet
    bool in_other = false;  // whether other_bytes holds what its process takes beside the allocator
    int overtaken = 0;      // how many have begun before it that came after it
  };
  struct Peak {
    DeviceShape shape;
    std::int64_t bytes = 0;  // the most that a trial's allocator held in an epoch or more
  };

  std::int64_t memory_bytes = 0;  // of the device; not in the text
  // On the device beside the allocators of the trials: contexts, libraries, other programs.
  std::int64_t other_bytes = 0;
  std::vector<Peak> peaks;    // in the order in which they were noted last
  std::vector<Trial> trials;  // in the order of arrival

  // What a trial takes of the device. Of its allocator: the peak known for the shape; else a
  // quarter more than it has held in its first steps; else its estimate; else all there is. And
  // 768 MiB for its process's context and libraries while they are no part of other_bytes.
  std::int64_t need_of(const Trial& trial) const;

  // Keeps the larger of the peaks noted for a shape, and of all shapes the newest 512.
  void note_peak(const DeviceShape& shape, std::int64_t bytes);

  // Nothing where the trial at `index` may train, or what it waits for: "a trial that needs the
  // device alone".
  // - Trials train together while their needs, other_bytes and a margin of a 32nd fit the device's
  //   memory; on an empty device any may. Room is kept for those that came before and fit too.
  // - One that fits overtakes those that wait because they do not, each at most kMostOvertakes
  //   times.
  // - One that ran out of memory trains alone, once those that train have ended; nobody begins
  //   before it but who ran out of memory too and came before it. So of several that do not fit
  //   together each trains to its end.
  std::optional<std::string> waits_for(std::size_t index) const;

  // Lets the trial at `index`, for which waits_for() says nothing, train; counts whom it overtakes.
  void admit(std::size_t index);

  // Notes what was measured by the process of the trial at `index`, which trains: its allocator's
  // peak, over an epoch where `whole_epoch`, else over the first steps; and what else lies on the
  // device. The second tells other_bytes once all that train have been measured.
  void measured(std::size_t index, std::int64_t peak_bytes, std::int64_t beside_bytes,
                bool whole_epoch);

  // The trial at `index` ran out of memory and has given all of it back.
  void want_alone(std::size_t index);
};

// A line a fact. Lines that cannot be read are left out: what a crash has torn costs a measurement.
// Ledgers of older builds are read: a trial that they measure alone is one that needs the device
// alone, and one without an estimate takes all of it.
std::string encode_ledger(const DeviceLedger& ledger);
DeviceLedger decode_ledger(std::string_view text);

// "3.2 GiB".
std::string gib_text(std::int64_t bytes);

}  // namespace firesweep
