// What a sweep will cost, before spending it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/search/trial_space.h"
#include "shared/codec/speed_probe.h"
#include "shared/domain/host_speeds.h"

namespace firesweep {

struct VariantShare {
  std::int64_t trials = 0;
  Cost cost;             // of its largest trial
  double work_macs = 0;  // training work of all its trials
};

struct Estimate {
  TrialSpace::Counts counts;
  std::map<std::string, VariantShare> variants;
  double work_macs = 0;  // of training, over all trials
  double seconds = 0;    // until the last trial ends
  std::string basis;     // how the speed was known
  double bytes = 0;      // that its rows take in the database
};

// What is known of the host that will train.
struct KnownHost {
  DeviceKey device;
  std::int64_t slots = 1;  // of the host
  DeviceShare share;       // of each of its devices
  HostSpeeds speeds;
  double probed_seconds = 0;  // that were spent just now to learn them
  std::string why_no_probe;   // where one was wanted and not made
  // From earlier results in the database, by whatever worker: training MACs a second of one slot.
  std::optional<double> database_macs_per_s;
};

// The kinds of trials whose speeds tell how long the sweep takes, one trial for each: the network
// of the fewest MACs, that of the most, then those of the most work. At most 64, from an even
// sample of the trials. None of a simulated sweep.
std::vector<ProbeKind> kinds_of(const TrialSpace& space);

// When the last trial ends if the slots take trials in the order of dispatch. A trial's time is
// that of training its images and, at a third of the cost, of evaluation. The speed is what was
// measured of its architecture on this host; else what the host's other architectures let expect;
// else that of the database; else an assumption: `basis` says which. Simulated trials cost what
// they say, and each trial what handing it out and keeping its rows costs. Pure.
Estimate estimate(const TrialSpace& space, const KnownHost& host);

}  // namespace firesweep
