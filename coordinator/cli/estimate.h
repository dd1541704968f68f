// Estimates the cost of a sweep before it runs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "coordinator/search/trial_space.h"
#include "shared/codec/speed_probe.h"
#include "shared/domain/host_speeds.h"

namespace firesweep {

inline constexpr double kBytesPerWeight = 4;  // float32

struct VariantShare {
  std::int64_t trials = 0;
  Cost cost;                 // of its largest trial
  double work_macs = 0;      // training work of all its trials
  double weights_bytes = 0;  // of the weights of all its trials
};

struct Estimate {
  TrialSpace::Counts counts;
  std::map<std::string, VariantShare> variants;
  double work_macs = 0;  // of training, over all trials
  double seconds = 0;    // until the last trial ends
  // Of its networks; nothing without a trial.
  std::optional<std::int64_t> least_params = {}, most_params = {};
  std::string basis;  // where the speed comes from
  double bytes = 0;   // size of its rows in the database
};

// What is known about the host that will train.
struct KnownHost {
  DeviceKey device;
  std::int64_t slots = 1;  // of the host
  DeviceShare share;       // of each of its devices
  HostSpeeds speeds;
  double probed_seconds = 0;  // spent just now to measure them
  std::string why_no_probe;   // if a probe was needed and not made
  // From earlier results in the database, of any worker: training MACs per second of one slot.
  std::optional<double> database_macs_per_s;
};

// The kinds of trials whose speeds determine the duration of the sweep, one trial for each: the
// network with the fewest MACs, the one with the most, then those with the most work. At most 64,
// from an even sample of the trials. Empty for a simulated sweep.
std::vector<ProbeKind> kinds_of(const TrialSpace& space);

// Estimates when the last trial ends if the slots take trials in the order of dispatch. A trial's
// time is that of training its images and of evaluation, at a third of the cost per image. The
// speed is the one measured for its architecture on this host; else it is estimated from the host's
// other architectures; else taken from the database; else assumed. `basis` says which. Simulated
// trials take the time in their config. A method that learns is taken to spread its trials evenly.
// Each trial also takes time for its dispatch and its rows.
// `order` is the order of dispatch. Pure.
Estimate estimate(const TrialSpace& space, const KnownHost& host,
                  std::span<const std::int64_t> order);
inline Estimate estimate(const TrialSpace& space, const KnownHost& host) {
  return estimate(space, host, space.dispatch_order());
}

}  // namespace firesweep
