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
  kMeasured,      // trains alone until its memory was measured
  kSharing,       // trains, and others may beside it
  kAlone,         // trains, and nobody beside it until it ends
};

// A word without spaces for trials that take equal memory: "3f9c…/128/bf16".
using DeviceShape = std::string;

struct DeviceLedger {
  struct Trial {
    int lock = 0;  // the byte of the file that its process keeps locked; from 1
    DevicePhase phase = DevicePhase::kWaiting;
    DeviceShape shape;
  };
  struct Peak {
    DeviceShape shape;
    std::int64_t bytes = 0;  // the most that a trial's allocator held
  };

  std::int64_t memory_bytes = 0;  // of the device; not in the text
  // On the device beside the trial that ran alone last: contexts, libraries, other programs.
  std::int64_t other_bytes = 0;
  std::vector<Peak> peaks;    // in the order in which they were noted last
  std::vector<Trial> trials;  // in the order of arrival

  // What a trial of that shape needs: its allocator's peak, and everything that lay beside a trial
  // that ran alone. The latter counts for each, since how much of it is each process's own context
  // cannot be told. None where such a trial was not measured yet.
  std::optional<std::int64_t> need_of(const DeviceShape& shape) const;

  // Keeps the larger of the peaks noted for a shape, and of all shapes the newest 512.
  void note_peak(const DeviceShape& shape, std::int64_t bytes);

  // Nothing where the trial at `index` may train, or what it waits for: "2 trials that came before
  // it". Nobody overtakes, so that whoever needs the device alone gets it once the others have
  // ended. One whose need is not known runs alone; others train together while their needs fit the
  // device's memory; on an empty device any may.
  std::optional<std::string> waits_for(std::size_t index) const;

  // The phase in which the trial at `index` trains, where it may.
  DevicePhase phase_if_admitted(std::size_t index) const;
};

// A line a fact. Lines that cannot be read are left out: what a crash has torn costs a measurement.
std::string encode_ledger(const DeviceLedger& ledger);
DeviceLedger decode_ledger(std::string_view text);

// "3.2 GiB".
std::string gib_text(std::int64_t bytes);

}  // namespace firesweep
