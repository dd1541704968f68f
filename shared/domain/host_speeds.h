// How fast the devices of a host train: what its epochs, its benchmark and short probes have told,
// and what that says about work not seen yet. Knows no file and no clock. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/domain/trial_config.h"

namespace firesweep {

// A CPU by its name and the cores that training may use; a GPU by its name, with 0 cores.
struct DeviceKey {
  std::string name;
  std::int64_t cores = 0;
  friend bool operator==(const DeviceKey&, const DeviceKey&) = default;
};

// What is trained, as far as its speed depends on it.
struct TrainingKind {
  std::string architecture;  // hash of its file
  std::int64_t macs = 0;     // of a forward pass; tells the forms of one file apart
  std::string amp = "auto";  // as the config asks for it
  std::int64_t batch_size = 128;
  friend bool operator==(const TrainingKind&, const TrainingKind&) = default;
};

// That of a trial, by the hash of its architecture's file and the MACs of its network.
TrainingKind training_kind(const TrialConfig& config, const std::string& architecture,
                           std::int64_t macs);

// How a device is shared: so many slots train on it at once, each with so many CPU threads.
struct DeviceShare {
  std::int64_t slots = 1;
  std::int64_t threads = 1;
  friend bool operator==(const DeviceShare&, const DeviceShare&) = default;
};

// In rising order of what they are worth.
enum class SpeedSource { kProbe, kBench, kTrained };

// Images of training, without evaluation, and the seconds that one slot took for them.
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

// Adds what was observed. Epochs of the same kind and share add up, older ones fading, so that the
// rate follows a host that changes; a better source replaces a worse one, and a worse one changes
// nothing. The oldest of more than 1,000 on a device is forgotten. What has no images or took no
// time is ignored.
void learn(HostSpeeds& speeds, const DeviceKey& device, LearntSpeed observed);

// The speed of one slot, and where it is from.
struct KnownSpeed {
  double images_per_s = 0;
  SpeedSource source = SpeedSource::kProbe;
  std::int64_t epochs = 0;
  friend bool operator==(const KnownSpeed&, const KnownSpeed&) = default;
};

// What was measured with this architecture at this precision, or else probed: in this share of the
// device where that is known, else in the nearest one, taking the device's whole throughput as the
// same for each core in use; likewise for the batch size. None where it was not measured.
std::optional<KnownSpeed> find_speed(const HostSpeeds& speeds, const DeviceKey& device,
                                     const TrainingKind& kind, const DeviceShare& share);

// Images a second of one slot for an architecture that was not measured: MACs a second follow those
// of the measured ones, between neighbours by their MACs an image (on both logarithms), beyond them
// as at the end. None where nothing was measured on the device at this precision.
std::optional<double> infer_speed(const HostSpeeds& speeds, const DeviceKey& device,
                                  const TrainingKind& kind, const DeviceShare& share);

// Whether one slot with all cores trains more than a slot per core does, on the geometric mean over
// the kinds of which both were measured better than by a probe; false where none was.
bool one_slot_is_faster(const HostSpeeds& speeds, const DeviceKey& cpu);

}  // namespace firesweep
