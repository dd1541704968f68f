// How fast the devices of a host train, as measured by its epochs, its benchmark and short probes,
// and estimates for work that was not measured. Knows no file and no clock. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/domain/trial_config.h"

namespace firesweep {

// A CPU, identified by its name and the cores that training may use; or a GPU, identified by its
// name, with 0 cores.
struct DeviceKey {
  std::string name;
  std::int64_t cores = 0;
  friend bool operator==(const DeviceKey&, const DeviceKey&) = default;
};

// The properties of a trial on which its speed depends.
struct TrainingKind {
  std::string architecture;  // hash of its file
  std::int64_t macs = 0;     // of a forward pass; tells the forms of one file apart
  std::string amp = "auto";  // as the config asks for it
  std::int64_t batch_size = 128;
  friend bool operator==(const TrainingKind&, const TrainingKind&) = default;
};

// The kind of a trial, from the hash of its architecture's file and the MACs of its network.
TrainingKind training_kind(const TrialConfig& config, const std::string& architecture,
                           std::int64_t macs);

// How a device is shared: the number of slots that train on it at once, and the CPU threads of
// each.
struct DeviceShare {
  std::int64_t slots = 1;
  std::int64_t threads = 1;
  friend bool operator==(const DeviceShare&, const DeviceShare&) = default;
};

// The better sources come later.
enum class SpeedSource { kProbe, kBench, kTrained };

// The number of training images, without evaluation, and the seconds that one slot needed for them.
struct LearntSpeed {
  std::string name;   // of the architecture, for people
  TrainingKind kind;  // its batch_size is the class: the largest power of two in it
  DeviceShare share;
  SpeedSource source = SpeedSource::kProbe;
  double images = 0;
  double seconds = 0;
  std::int64_t epochs = 0;     // trained, all told
  std::int64_t learnt_ms = 0;  // UTC
  double images_per_s() const { return seconds > 0 ? images / seconds : 0; }
  friend bool operator==(const LearntSpeed&, const LearntSpeed&) = default;
};

struct DeviceSpeeds {
  DeviceKey device;
  std::vector<LearntSpeed> learnt;
  friend bool operator==(const DeviceSpeeds&, const DeviceSpeeds&) = default;
};

struct HostSpeeds {
  std::vector<DeviceSpeeds> devices;
  friend bool operator==(const HostSpeeds&, const HostSpeeds&) = default;
};

// Adds an observation. Epochs of the same kind and share add up, with decreasing weights for older
// ones, so that the rate follows a host that changes. A better source replaces a worse one; an
// observation from a worse source is ignored. A device keeps the newest 1,000. Observations without
// images or time are ignored.
void learn(HostSpeeds& speeds, const DeviceKey& device, LearntSpeed observed);

// The speed of one slot, and its source.
struct KnownSpeed {
  double images_per_s = 0;
  SpeedSource source = SpeedSource::kProbe;
  std::int64_t epochs = 0;
  friend bool operator==(const KnownSpeed&, const KnownSpeed&) = default;
};

// The speed measured for this architecture at this precision. Prefers this share of the device;
// else takes the nearest share and assumes the same total throughput per core in use. Likewise for
// the batch size. None if it was not measured.
std::optional<KnownSpeed> find_speed(const HostSpeeds& speeds, const DeviceKey& device,
                                     const TrainingKind& kind, const DeviceShare& share);

// Estimated images per second of one slot for an architecture that was not measured. The MACs per
// second are interpolated between the measured architectures with the nearest MACs per image (both
// on logarithmic scales), and constant beyond the smallest and the largest. None if nothing was
// measured on the device at this precision.
std::optional<double> infer_speed(const HostSpeeds& speeds, const DeviceKey& device,
                                  const TrainingKind& kind, const DeviceShare& share);

// Whether one slot with all cores trains faster than one slot per core, by the geometric mean over
// the kinds for which both were measured by more than a probe; false if there is none.
bool one_slot_is_faster(const HostSpeeds& speeds, const DeviceKey& cpu);

}  // namespace firesweep
