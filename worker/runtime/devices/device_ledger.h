// The ledger of one GPU, shared by the slots of a host: which trials train on it, how much memory
// they need, and therefore which trial may begin. Owns the text format and the admission rule.
// Opens no file (device_place.h does) and knows a trial only by its shape. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firesweep {

// How a trial uses the device.
enum class DevicePhase {
  kWaiting,
  kWaitingAlone,  // ran out of memory, and waits until no other trial uses the device
  kSharing,       // trains, and other trials may train at the same time
  kAlone,         // trains, and no other trial may train until it ends
};

// A word without spaces that is equal for trials with equal memory needs: "3f9c…/128/bf16".
using DeviceShape = std::string;

// How often other trials may overtake a trial that waits because it does not fit.
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
  // Memory used otherwise than by the trials' allocators: contexts, libraries, other programs.
  std::int64_t other_bytes = 0;
  std::vector<Peak> peaks;    // in the order in which they were noted last
  std::vector<Trial> trials;  // in the order of arrival

  // The memory that a trial needs. For its allocator: the known peak of the shape; else the memory
  // that it held in its first steps plus a quarter; else its estimate; else the whole memory. Plus
  // 768 MiB for its process's context and libraries until other_bytes includes them.
  std::int64_t need_of(const Trial& trial) const;

  // Records a peak. Keeps the largest peak of a shape, and the 512 shapes noted last.
  void note_peak(const DeviceShape& shape, std::int64_t bytes);

  // Nothing if the trial at `index` may train; else what it waits for: "a trial that needs the
  // device alone".
  // - Trials train together if their needs, other_bytes and a margin of 1/32 fit the device's
  // memory.
  //   On an empty device any trial may train. Room is kept for trials that came before and fit,
  //   too.
  // - A trial that fits overtakes trials that wait because they do not fit, each at most
  //   kMostOvertakes times.
  // - A trial that ran out of memory trains alone, after the running trials have ended. No other
  // trial
  //   begins before it, except trials that ran out of memory earlier. So if several trials do not
  //   fit together, each of them still trains to its end.
  std::optional<std::string> waits_for(std::size_t index) const;

  // Lets the trial at `index` train, for which waits_for() returned nothing, and counts the trials
  // that it overtakes.
  void admit(std::size_t index);

  // Records measurements of the running trial at `index`: its allocator's peak, over an epoch if
  // `whole_epoch`, else over the first steps; and the memory used otherwise. The latter sets
  // other_bytes once all running trials have been measured.
  void measured(std::size_t index, std::int64_t peak_bytes, std::int64_t beside_bytes,
                bool whole_epoch);

  // Call when the trial at `index` ran out of memory and has released all of it.
  void want_alone(std::size_t index);
};

// One fact per line. Lines that cannot be read, for example after a crash, are ignored. Ledgers of
// older builds can be read: a trial that they measure alone needs the device alone, and a trial
// without an estimate needs the whole memory.
std::string encode_ledger(const DeviceLedger& ledger);
DeviceLedger decode_ledger(std::string_view text);

// "3.2 GiB".
std::string gib_text(std::int64_t bytes);

}  // namespace firesweep
